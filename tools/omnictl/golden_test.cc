#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"
#include "tools/omnictl/testing/fake_client.h"

// How everything looks: one file in testdata/ per case. OMNINODE_UPDATE_GOLDEN=1 rewrites them.
namespace omninode::omnictl {
namespace {

struct Case {
  std::string name;
  std::string command;
  std::function<void(testing::FakeWorld&)> prepare = [](testing::FakeWorld&) {};
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.command; }

directory::TopologyChange Change(const testing::FakeWorld& world, directory::ChangeKind kind) {
  const directory::NodeViewPtr& view = world.registry.nodes.front();
  directory::TopologyChange change{.kind = kind,
                                   .node = view,
                                   .node_id = view->node_id(),
                                   .node_type = view->node_type(),
                                   .actor = view->actor};
  if (kind == directory::ChangeKind::kUpdated) {
    change.changed_fields = {directory::ChangedField::kHealth};
    change.previous_node_version = 40;
  }
  if (kind == directory::ChangeKind::kRemoved) {
    change.node = nullptr;
    change.removal_reason = directory::RemovalReason::kLeaseExpired;
    change.previous_node_version = 41;
  }
  return change;
}

node::TopologyEvent Step(const testing::FakeWorld& world, std::uint64_t version,
                         directory::ChangeKind kind) {
  return {version - 1,
          node::TopologyStep{.diff = {.position = {1, version},
                                      .changes = {Change(world, kind)},
                                      .timestamp = absl::FromUnixSeconds(1'799'990'100)},
                             .source_node = "spiffe://example.org/service/registry/registry-1"}};
}

void Stream(testing::FakeWorld& world) {
  world.registry.events = {{0, node::WatchStarted{"watch-7", {1, 42}}},
                           {0, node::SnapshotChunk{{{.view = world.registry.nodes[0]},
                                                    {.view = world.registry.nodes[1]}}}},
                           {0, node::SnapshotEnd{{1, 42}, std::nullopt}},
                           Step(world, 43, directory::ChangeKind::kUpdated),
                           Step(world, 44, directory::ChangeKind::kRemoved),
                           Step(world, 45, directory::ChangeKind::kAdded),
                           {45, node::Bookmark{{1, 45}, std::nullopt, absl::ZeroDuration()}},
                           {45, node::Resync{node::ResyncReason::kSlow, {1, 99}}},
                           {45, node::Draining{}}};
  world.registry.stream_end = Reject(Reason::kShuttingDown, "the instance is stopping");
}

void NodeLife(testing::FakeWorld& world) {
  const absl::Time start = absl::FromUnixSeconds(1'799'990'000);
  world.node_events = {
      {start, "joined", "", "spiffe://example.org/node/worker/w1, certificate 3fa9"},
      {start + absl::Seconds(1), "registered", "1:42", "lease 42 of 1m, renewed every 20s"},
      {start + absl::Minutes(30), "rotated", "", "spiffe://example.org/node/worker/w1"},
      {start + absl::Minutes(40), "rejected", "", "LOAD_SHED: try again", "LOAD_SHED"},
      {start + absl::Minutes(50), "disconnected", "", "connection refused"},
      {start + absl::Minutes(51), "reconnected", "", "the lease is renewed again"},
      {start + absl::Hours(1), "left", "", "with a tombstone"}};
}

auto RegistryFails(Reason reason, std::string message) {
  return [reason, message](testing::FakeWorld& world) {
    world.registry.failure = Reject(reason, "{}", message);
  };
}
auto BootstrapFails(Reason reason, std::string message) {
  return [reason, message](testing::FakeWorld& world) {
    world.bootstrap.failure = Reject(reason, "{}", message);
  };
}

const std::string kToken =
    "identity token create --spiffe-id spiffe://example.org/node/worker/w1 --out w1.token";

std::vector<Case> Cases() {
  return {
      {"help", "--help"},
      {"no_such_noun", "nodes list"},
      {"node_help", "node --help"},
      {"node_list_help", "node list --help"},
      {"node_run_help", "node run --help"},
      {"node_list", "node list --namespace tenant-a"},
      {"node_list_empty", "node list --namespace empty"},
      {"node_list_wide", "node list --namespace tenant-a -o wide"},
      {"node_list_json", "node list --namespace tenant-a -o json"},
      {"node_list_name", "node list --namespace tenant-a -o name"},
      {"node_list_fails", "node list --namespace nope",
       RegistryFails(Reason::kNamespaceUnknown, "there is no namespace 'nope'")},
      {"node_get", "node get w1 --namespace tenant-a"},
      {"node_get_json", "node get w1 --namespace tenant-a -o json"},
      {"node_get_fails", "node get w9 --namespace tenant-a"},
      {"node_deregister", "node deregister w1 --namespace tenant-a --reason-text gone"},
      {"node_deregister_json", "node deregister w1 --namespace tenant-a -o json"},
      {"node_run", "node run --type worker --id w1 --token w1.token", NodeLife},
      {"node_run_json", "node run --type worker --id w1 --token w1.token -o json", NodeLife},
      {"node_tombstones", "node tombstones --namespace tenant-a"},
      {"node_tombstones_json", "node tombstones --namespace tenant-a -o json"},
      {"node_tombstones_help", "node tombstones --help"},
      {"topology_help", "topology --help"},
      {"topology_watch_help", "topology watch --help"},
      {"topology_get", "topology get --namespace tenant-a"},
      {"topology_get_json", "topology get --namespace tenant-a -o json"},
      {"topology_watch", "topology watch --namespace tenant-a", Stream},
      {"topology_watch_wide", "topology watch --namespace tenant-a -o wide", Stream},
      {"topology_watch_json", "topology watch --namespace tenant-a -o json", Stream},
      {"topology_watch_fails", "topology watch --namespace tenant-a",
       RegistryFails(Reason::kRateLimited, "too many watches")},
      {"topology_wait", "topology wait --position 1:42"},
      {"topology_wait_fails", "topology wait --position 1:43"},
      {"namespace_help", "namespace --help"},
      {"namespace_list", "namespace list"},
      {"namespace_list_wide", "namespace list -o wide"},
      {"namespace_list_json", "namespace list -o json"},
      {"namespace_create", "namespace create tenant-b"},
      {"namespace_get_json", "namespace get tenant-a -o json"},
      {"namespace_get_fails", "namespace get nope"},
      {"identity_help", "identity --help"},
      {"identity_issue_help", "identity issue --help"},
      {"identity_issue_fails", "identity issue --spiffe-id spiffe://example.org/admin/a --out a",
       [](testing::FakeWorld& world) {
         world.no_connection = absl::UnavailableError("admin.sock: connection refused");
       }},
      {"identity_token_create", kToken},
      {"identity_token_create_json", kToken + " -o json"},
      {"identity_token_create_fails", kToken,
       BootstrapFails(Reason::kEntryMissing, "no entry allows 'spiffe://example.org/node/...'")},
      {"identity_entry_help", "identity entry --help"},
      {"identity_entry_list", "identity entry list"},
      {"identity_entry_list_json", "identity entry list -o json"},
      {"identity_entry_get", "identity entry get e-1"},
      {"identity_entry_get_fails", "identity entry get e-7"},
      {"identity_entry_create", "identity entry create --spiffe-id spiffe://example.org/node/*/*"},
      {"identity_entry_delete_json", "identity entry delete e-1 -o json"},
      {"identity_svid_show_fails", "identity svid show nothing"},
      {"identity_revoke", "identity revoke --serial 3fa9"},
      {"identity_revoke_json", "identity revoke --serial 3fa9 -o json"},
      {"identity_revoke_fails", "identity revoke --serial 3fa9",
       BootstrapFails(Reason::kObjectUnknown, "no certificate '3fa9' was issued")},
      {"identity_ban", "identity ban --spiffe-id spiffe://example.org/node/worker/w1"},
      {"identity_revocations", "identity revocations"},
      {"identity_revocations_json", "identity revocations -o json"},
      {"envelope_help", "envelope --help"},
      {"envelope_verify_help", "envelope verify --help"},
      {"envelope_show_fails", "envelope show nothing"},
      {"check", "check"},
      {"check_help", "check --help"},
      {"check_missing", "check", [](testing::FakeWorld& world) { world.registry.nodes.clear(); }},
      {"check_json", "check -o json"},
      {"check_fails", "check",
       RegistryFails(Reason::kRoleRequired, "only administrators may see 'system'")},
  };
}

class GoldenTest : public ::testing::TestWithParam<Case> {
 protected:
  // Paths in the output are those that were given: work in a folder of our own.
  GoldenTest() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder_.path());
  }
  ~GoldenTest() override { std::filesystem::current_path(before_); }

  const config::TestFolder folder_;
  const std::filesystem::path before_;
};

TEST_P(GoldenTest, LooksLikeThis) {
  const Case& c = GetParam();
  const auto world = testing::FakeWorld::Make();
  c.prepare(*world);
  const testing::Outcome outcome = testing::RunIn(*world, testing::Words(c.command));
  const std::string text = fmt::format("$ omnictl {}\n--- exit {}\n--- stdout\n{}--- stderr\n{}",
                                       c.command, outcome.exit_code, outcome.out, outcome.err);
  const std::string path =
      fmt::format("{}/tools/omnictl/testdata/{}.golden", OMNINODE_SOURCE_DIR, c.name);
  if (std::getenv("OMNINODE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(text, expected.str()) << "OMNINODE_UPDATE_GOLDEN=1 rewrites " << path;
}

INSTANTIATE_TEST_SUITE_P(Omnictl, GoldenTest, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace omninode::omnictl
