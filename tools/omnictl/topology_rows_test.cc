#include "tools/omnictl/topology_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/envelope/display.h"
#include "tools/omnictl/renderer.h"
#include "tools/omnictl/testing/fake_client.h"
#include "tools/omnictl/testing/sealed.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;

std::vector<nlohmann::json> JsonOf(const node::TopologyEvent& event) {
  StreamRenderer renderer(WatchColumns(), Format::kJson, {});
  std::vector<nlohmann::json> all;
  for (const Row& row : WatchRows(event)) {
    all.push_back(nlohmann::json::parse(renderer.Render(row), nullptr, false));
  }
  return all;
}

directory::TopologyChange Removed() {
  return {.kind = directory::ChangeKind::kRemoved,
          .node_id = NodeId::Parse("w2").value(),
          .node_type = NodeType::Parse("worker").value(),
          .removal_reason = directory::RemovalReason::kManualDeregistration,
          .reason_text = "host is gone",
          .previous_node_version = 3};
}

directory::TopologyChange Updated() {
  const auto view = testing::MakeNode(testing::WorkerFields("w1"), 43);
  return {.kind = directory::ChangeKind::kUpdated,
          .node = view,
          .node_id = view->node_id(),
          .node_type = view->node_type(),
          .changed_fields = {directory::ChangedField::kHealth, directory::ChangedField::kLabels},
          .previous_node_version = 41};
}

TEST(TopologyRowsTest, GivesEveryRowAsManyCellsAsColumns) {
  const auto view = testing::MakeNode(testing::WorkerFields("w1"), 1);
  EXPECT_EQ(NodeRow({.view = view}).cells.size(), NodeColumns().size());
  const std::vector<node::TopologyEvent> events = {
      {0, node::WatchStarted{"w-1", {1, 0}}},
      {0, node::SnapshotChunk{{{.view = view}}}},
      {0, node::SnapshotEnd{{1, 1}, std::nullopt}},
      {1, node::TopologyStep{.diff = {.position = {1, 2}, .changes = {Updated(), Removed()}}}},
      {2, node::Bookmark{{1, 2}, std::nullopt, absl::ZeroDuration()}},
      {2, node::Resync{node::ResyncReason::kSlow, {1, 9}}},
      {2, node::Draining{}}};
  for (const auto& event : events) {
    for (const Row& row : WatchRows(event)) EXPECT_EQ(row.cells.size(), WatchColumns().size());
  }
}

TEST(TopologyRowsTest, ShowsEveryNodeOfASnapshot) {
  const auto rows = JsonOf(
      {0, node::SnapshotChunk{{{.view = testing::MakeNode(testing::WorkerFields("w1"), 1)},
                               {.view = testing::MakeNode(testing::WorkerFields("w2"), 2)}}}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["event"], "node");
  EXPECT_EQ(rows[1]["node_id"], "w2");
  EXPECT_EQ(rows[1]["node_version"], 2);
  EXPECT_EQ(rows[1]["labels"]["zone"], "eu-1");
  EXPECT_TRUE(rows[1]["position"].is_null());
}

TEST(TopologyRowsTest, ShowsEachChangeOfADiffAtItsPosition) {
  const auto rows = JsonOf(
      {41, node::TopologyStep{.diff = {.position = {1, 43}, .changes = {Updated(), Removed()}},
                              .source_node = "spiffe://example.org/x"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["event"], "updated");
  EXPECT_EQ(rows[0]["changed_fields"], (nlohmann::json{"labels", "health"}));
  EXPECT_EQ(rows[0]["endpoints"]["grpc"], "grpcs://10.0.0.7:8443");
  EXPECT_EQ(rows[1]["event"], "removed");
  EXPECT_EQ(rows[1]["removal_reason"], "manual_deregistration");
  EXPECT_EQ(rows[1]["reason_text"], "host is gone");
  EXPECT_EQ(rows[1]["detail"], "manual_deregistration: host is gone");
  EXPECT_TRUE(rows[1]["endpoints"].is_null());
  for (const auto& row : rows) {
    EXPECT_EQ(row["position"], "1:43");
    EXPECT_EQ(row["previous_version"], 41);
  }
}

TEST(TopologyRowsTest, ShowsAStepThatChangedNothing) {
  const auto rows = JsonOf({1, node::TopologyStep{.diff = {.position = {1, 3}}}});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["event"], "unchanged");
  EXPECT_EQ(rows[0]["position"], "1:3");
}

TEST(TopologyRowsTest, ShowsTheSameKeysForEveryEvent) {
  std::vector<std::string> keys;
  for (const auto& event : std::vector<node::TopologyEvent>{
           {0, node::Draining{}}, {0, node::TopologyStep{.diff = {.changes = {Removed()}}}}}) {
    std::vector<std::string> these;
    for (const auto& [key, value] : JsonOf(event).front().items()) these.push_back(key);
    if (keys.empty()) keys = these;
    EXPECT_EQ(keys, these);
  }
}

TEST(TopologyRowsTest, ShowsEvidenceThatCanBeVerifiedFromTheOutput) {
  const identity::TestAuthority authority("example.org");
  const auto envelope = testing::SealAs(authority.Issue(testing::kWorkerPath));
  const auto rows =
      JsonOf({0, node::TopologyStep{.diff = {.changes = {Updated()}}, .evidence = {envelope}}});
  ASSERT_TRUE(rows[0]["evidence"].is_object());
  const auto again = envelope::ParseDisplay(rows[0]["evidence"].dump());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, envelope);
}

TEST(TopologyRowsTest, SaysUpToWhereAReaderKnowsEverything) {
  EXPECT_EQ(PositionAfter({0, node::SnapshotEnd{{1, 4}, std::nullopt}}),
            (directory::Position{1, 4}));
  EXPECT_EQ(PositionAfter({0, node::TopologyStep{.diff = {.position = {1, 5}}}}),
            (directory::Position{1, 5}));
  EXPECT_EQ(PositionAfter({0, node::Bookmark{{1, 6}, std::nullopt, absl::ZeroDuration()}}),
            (directory::Position{1, 6}));
  // What was begun is not yet known, and what a resync names is still to come.
  EXPECT_EQ(PositionAfter({0, node::WatchStarted{"w", {1, 9}}}), std::nullopt);
  EXPECT_EQ(PositionAfter({0, node::Resync{node::ResyncReason::kAhead, {1, 9}}}), std::nullopt);
  EXPECT_EQ(PositionAfter({0, node::SnapshotChunk{}}), std::nullopt);
}

}  // namespace
}  // namespace omninode::omnictl
