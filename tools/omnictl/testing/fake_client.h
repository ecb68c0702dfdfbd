#ifndef OMNINODE_TOOLS_OMNICTL_TESTING_FAKE_CLIENT_H_
#define OMNINODE_TOOLS_OMNICTL_TESTING_FAKE_CLIENT_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/time/fake_clock.h"
#include "tools/omnictl/client.h"

// A world of values for the tests of this folder.
namespace omninode::omnictl::testing {

directory::NodeViewPtr MakeNode(directory::Introspection::Fields fields, std::uint64_t version);
// w1 of tenant-a, with something in each field.
directory::Introspection::Fields WorkerFields(std::string id);

// Answers with what stands in its fields; `failure` comes first when it is not OK.
class FakeRegistry final : public RegistryPort {
 public:
  absl::Status failure;
  directory::Position position{1, 42};
  std::vector<directory::NodeViewPtr> nodes;
  std::vector<node::NamespaceRecord> namespaces;
  std::vector<node::TopologyEvent> events;
  absl::Status stream_end = absl::UnavailableError("the stream ended");
  std::optional<envelope::RawEnvelope> evidence;

  // What was asked last.
  std::optional<WatchOptions> watched;
  std::vector<NodeType> listed_types;
  std::optional<node::NamespaceRules> rules;
  std::string request_id;
  std::string reason_text;
  std::optional<NodeId> tombstones_of;
  std::size_t limit = 0;

  absl::StatusOr<node::NodeRecord> GetNode(const directory::NodeRef& node,
                                           bool with_evidence) override;
  absl::StatusOr<node::NodeList> ListNodes(const NamespaceName& ns,
                                           const std::vector<NodeType>& types) override;
  absl::StatusOr<directory::Tombstone> RemoveNode(const directory::NodeRef& node,
                                                  std::string_view reason,
                                                  std::string_view id) override;
  absl::StatusOr<std::vector<directory::Tombstone>> ListTombstones(
      const NamespaceName& ns, const std::optional<NodeId>& node, std::size_t limit) override;
  absl::StatusOr<node::TopologySnapshot> GetTopology(const NamespaceName& ns) override;
  absl::StatusOr<directory::Position> WaitForVersion(const NamespaceName& ns,
                                                     const directory::Position& wanted) override;
  absl::Status Watch(
      const WatchOptions& options,
      const std::function<absl::Status(const node::TopologyEvent&)>& on_event) override;
  absl::StatusOr<node::NamespaceRecord> CreateNamespace(const NamespaceName& ns,
                                                        const node::NamespaceRules& limits,
                                                        std::string_view id) override;
  absl::StatusOr<node::NamespaceRecord> GetNamespace(const NamespaceName& ns) override;
  absl::StatusOr<std::vector<node::NamespaceRecord>> ListNamespaces() override;
};

class FakeBootstrap final : public BootstrapAdmin {
 public:
  absl::Status failure;
  std::vector<Entry> entries;
  std::vector<RevocationRecord> revocations;
  Propagation propagation{.sequence = 7,
                          .applied = {"spiffe://example.org/service/registry/registry-1"},
                          .lagging = {}};
  std::optional<EntryChange> change;
  std::optional<Entry> created;
  int tokens = 0;

  absl::StatusOr<Entry> CreateEntry(const Entry& entry) override;
  absl::StatusOr<Entry> GetEntry(std::string_view entry_id) override;
  absl::StatusOr<std::vector<Entry>> ListEntries() override;
  absl::StatusOr<Entry> UpdateEntry(std::string_view entry_id, const EntryChange& what) override;
  absl::Status DeleteEntry(std::string_view entry_id) override;
  absl::StatusOr<enrollment::TokenFile> CreateJoinToken(std::string_view spiffe_id,
                                                        std::optional<absl::Duration> ttl) override;
  absl::StatusOr<RevokedSvid> RevokeSvid(std::string_view serial,
                                         std::string_view reason_text) override;
  absl::StatusOr<Propagation> BanIdentity(std::string_view spiffe_id,
                                          std::string_view reason_text) override;
  absl::StatusOr<Propagation> UnbanIdentity(std::string_view spiffe_id) override;
  absl::StatusOr<std::vector<RevocationRecord>> ListRevocations() override;
};

// What all clients of one test share.
struct FakeWorld {
  FakeClock clock;
  FakeRegistry registry;
  FakeBootstrap bootstrap;
  absl::Status no_connection;                                  // of Registry() and Bootstrap()
  std::map<std::string, absl::StatusOr<http::Response>> http;  // by host:port
  std::vector<NodeEvent> node_events;
  std::optional<NodeRunOptions> node_options;
  int issued = 0;

  // tenant-a with two workers, one gateway in system, and so on.
  static std::unique_ptr<FakeWorld> Make();
};

class FakeClient final : public Client {
 public:
  explicit FakeClient(FakeWorld& world) : world_(world) {}
  const Clock& clock() const override { return world_.clock; }
  absl::StatusOr<RegistryPort*> Registry() override;
  absl::StatusOr<BootstrapAdmin*> Bootstrap() override;
  absl::StatusOr<enrollment::FirstIdentity> IssueLocally(
      const std::string& socket_path, const std::string& spiffe_id,
      std::optional<absl::Duration> ttl) override;
  absl::StatusOr<http::Response> HttpGet(const std::string& host, std::uint16_t port,
                                         std::string_view target) override;
  absl::Status RunNode(const NodeRunOptions& options, const NodeEventSink& on_event) override;
  std::string NewRequestId() override { return "00000000-0000-4000-8000-000000000001"; }

 private:
  FakeWorld& world_;
};

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};
// The whole program in the fake world.
Outcome RunIn(FakeWorld& world, const std::vector<std::string>& args,
              const std::map<std::string, std::string>& environment = {});

// "node list -o json" as arguments; no quoting.
std::vector<std::string> Words(std::string_view command);

}  // namespace omninode::omnictl::testing

#endif  // OMNINODE_TOOLS_OMNICTL_TESTING_FAKE_CLIENT_H_
