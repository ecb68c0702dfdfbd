#include "common/directory/filter.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/introspection.h"
#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Added;
using testing::FieldsOf;
using testing::Node;
using testing::Removed;
using testing::Type;
using testing::Updated;

WatchFilter Filter(const WatchFilter::Fields& fields) {
  return WatchFilter::Create(fields).value();
}

TEST(WatchFilterTest, TheDefaultShowsEveryNode) {
  EXPECT_TRUE(WatchFilter().is_unrestricted());
  EXPECT_TRUE(WatchFilter().Matches(*Node("w1", 1)));
  EXPECT_EQ(Filter({}), WatchFilter());
}

TEST(WatchFilterTest, AnyTypeAndAnyEpochButAllLabels) {
  auto fields = FieldsOf("w1");  // worker, blue, zone=eu-1
  fields.labels.emplace_back("tier", "gold");
  const auto node = Node(fields, 1);
  EXPECT_TRUE(Filter({.node_types = {"router", "worker"}}).Matches(*node));
  EXPECT_FALSE(Filter({.node_types = {"router"}}).Matches(*node));
  EXPECT_TRUE(Filter({.epochs = {"green", "blue"}}).Matches(*node));
  EXPECT_FALSE(Filter({.epochs = {"green"}}).Matches(*node));
  EXPECT_TRUE(Filter({.labels = {"zone=eu-1", "tier=gold"}}).Matches(*node));
  EXPECT_TRUE(Filter({.labels = {"tier=gold"}}).Matches(*node));
  EXPECT_FALSE(Filter({.labels = {"zone=eu-1", "tier=silver"}}).Matches(*node));
  EXPECT_FALSE(Filter({.labels = {"region=eu"}}).Matches(*node));
  EXPECT_FALSE(Filter({.node_types = {"worker"}, .epochs = {"green"}}).Matches(*node));
}

TEST(WatchFilterTest, TheEmptyEpochIsThatOfNodesWithoutOne) {
  auto fields = FieldsOf("w1");
  fields.epoch = "";
  EXPECT_TRUE(Filter({.epochs = {""}}).Matches(*Node(fields, 1)));
  EXPECT_FALSE(Filter({.epochs = {""}}).Matches(*Node("w1", 1)));
}

TEST(WatchFilterTest, ALabelValueMayContainEquals) {
  auto fields = FieldsOf("w1");
  fields.labels = {{"query", "a=b"}};
  EXPECT_TRUE(Filter({.labels = {"query=a=b"}}).Matches(*Node(fields, 1)));
}

TEST(WatchFilterTest, KeyIgnoresOrderAndRepetition) {
  EXPECT_EQ(Filter({.node_types = {"a", "b"}, .labels = {"x=1", "y=2"}}).Key(),
            Filter({.node_types = {"b", "a", "b"}, .labels = {"y=2", "x=1"}}).Key());
}

TEST(WatchFilterTest, KeysOfDifferentFiltersDiffer) {
  const std::vector<WatchFilter::Fields> different = {
      {},
      {.node_types = {"a"}},
      {.node_types = {"a", "b"}},
      {.node_types = {"ab"}},
      {.epochs = {"a"}},
      {.epochs = {""}},
      {.labels = {"a="}},
      {.labels = {"a=b"}},
      {.labels = {"a=b1:c=d"}},
      {.labels = {"a=b", "c=d"}},
      {.node_types = {"a"}, .epochs = {"a"}},
  };
  for (std::size_t i = 0; i < different.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_NE(Filter(different[i]).Key(), Filter(different[k]).Key()) << i << " " << k;
    }
  }
}

std::vector<std::string> Numbered(std::size_t count, const std::string& format) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(fmt::format(fmt::runtime(format), i));
  return texts;
}

TEST(WatchFilterTest, TakesEveryListAtItsBoundAndRefusesOneMore) {
  EXPECT_TRUE(WatchFilter::Create({.node_types = Numbered(16, "t{}"),
                                   .labels = Numbered(16, "l{}=x"),
                                   .epochs = Numbered(16, "e{}")})
                  .ok());
  EXPECT_FALSE(WatchFilter::Create({.node_types = Numbered(17, "t{}")}).ok());
  EXPECT_FALSE(WatchFilter::Create({.labels = Numbered(17, "l{}=x")}).ok());
  EXPECT_FALSE(WatchFilter::Create({.epochs = Numbered(17, "e{}")}).ok());
}

TEST(WatchFilterTest, NamesTheRefusedField) {
  const struct {
    WatchFilter::Fields fields;
    Reason reason;
    std::string path;
  } cases[] = {
      {{.node_types = {"a", "B"}}, Reason::kNameInvalid, "node_types[1]"},
      {{.labels = {"zone"}}, Reason::kArgumentInvalid, "labels[0]"},
      {{.labels = {"Zone=x"}}, Reason::kNameInvalid, "labels[0]"},
      {{.labels = {"a=1", "b=\xff"}}, Reason::kMsgMalformed, "labels[1]"},
      {{.labels = {"a=1", "a=2"}}, Reason::kArgumentInvalid, "labels"},
      {{.epochs = {"blue", "Green"}}, Reason::kNameInvalid, "epochs[1]"},
      {{.epochs = std::vector<std::string>(17, "x")}, Reason::kArgumentInvalid, "epochs"},
  };
  for (const auto& [fields, reason, path] : cases) {
    const auto status = WatchFilter::Create(fields).status();
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_EQ(MetadataOf(status)["field"], path) << status;
    EXPECT_TRUE(Message(status).starts_with(path + ": ")) << status;
  }
}

class FilterChangeTest : public ::testing::Test {
 protected:
  static NodeViewPtr OfEpoch(const std::string& epoch, std::uint64_t version,
                             const std::string& type = "worker") {
    auto fields = FieldsOf("w1");
    fields.epoch = epoch;
    fields.node_type = type;
    return Node(fields, version);
  }

  const WatchFilter blue_ = Filter({.epochs = {"blue"}});
  const NodeViewPtr blue3_ = OfEpoch("blue", 3);
  const NodeViewPtr blue7_ = OfEpoch("blue", 7);
  const NodeViewPtr green3_ = OfEpoch("green", 3);
  const NodeViewPtr green7_ = OfEpoch("green", 7);
};

TEST_F(FilterChangeTest, ShowsChangesInsideAsTheyAre) {
  const auto updated = Updated(blue7_, 3, {ChangedField::kLabels});
  EXPECT_EQ(blue_.FilterChange(updated, blue3_.get()), updated);
  EXPECT_EQ(blue_.FilterChange(Added(blue3_), nullptr), Added(blue3_));
  EXPECT_EQ(blue_.FilterChange(Removed(*blue3_), blue3_.get()), Removed(*blue3_));
}

TEST_F(FilterChangeTest, HidesChangesOutside) {
  EXPECT_EQ(blue_.FilterChange(Updated(green7_, 3, {}), green3_.get()), std::nullopt);
  EXPECT_EQ(blue_.FilterChange(Added(green3_), nullptr), std::nullopt);
  EXPECT_EQ(blue_.FilterChange(Removed(*green3_), green3_.get()), std::nullopt);
}

TEST_F(FilterChangeTest, ANodeThatEntersIsAdded) {
  auto change = Updated(blue7_, 3, {ChangedField::kEpoch});
  change.actor = "who";
  auto expected = Added(blue7_);
  expected.actor = "who";
  EXPECT_EQ(blue_.FilterChange(change, green3_.get()), expected);
}

TEST_F(FilterChangeTest, ANodeThatLeavesIsRemovedWithFilterLeft) {
  const auto seen = blue_.FilterChange(Updated(green7_, 3, {ChangedField::kEpoch}), blue3_.get());
  EXPECT_EQ(seen, Removed(*blue3_, RemovalReason::kFilterLeft));
  EXPECT_TRUE(IsWellFormed(*seen));
}

TEST_F(FilterChangeTest, ANodeThatLeavesByItsTypeLeavesWithTheTypeItHad) {
  const auto routers = Filter({.node_types = {"router"}});
  const auto router = OfEpoch("blue", 3, "router");
  const auto seen =
      routers.FilterChange(Updated(blue7_, 3, {ChangedField::kNodeType}), router.get());
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->node_type, Type("router"));
}

}  // namespace
}  // namespace omninode::directory
