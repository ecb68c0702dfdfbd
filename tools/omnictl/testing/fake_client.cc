#include "tools/omnictl/testing/fake_client.h"

#include <algorithm>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/directory/canonical.h"
#include "common/enrollment/trust_codec.h"
#include "common/identity/testing/test_authority.h"
#include "tools/omnictl/program.h"

namespace omninode::omnictl::testing {
namespace {

constexpr absl::Time kThen = absl::FromUnixSeconds(1'799'990'000);

NamespaceName Ns(std::string_view text) { return NamespaceName::Parse(text).value(); }

node::NamespaceRecord MakeNamespace(std::string_view name, std::uint64_t nodes) {
  return {.name = Ns(name),
          .rules = {.default_ttl = absl::Seconds(60),
                    .min_ttl = absl::Seconds(10),
                    .max_ttl = absl::Hours(1),
                    .max_nodes = 10'000},
          .position = {1, 42},
          .nodes = nodes,
          .created_at = kThen};
}

}  // namespace

directory::NodeViewPtr MakeNode(directory::Introspection::Fields fields, std::uint64_t version) {
  const std::string actor = fmt::format("spiffe://example.org/ns/{}/node/{}/{}", fields.ns,
                                        fields.node_type, fields.node_id);
  return std::make_shared<const directory::NodeView>(directory::NodeView{
      .introspection = directory::Introspection::Create(std::move(fields)).value(),
      .version = version,
      .registered_at = kThen,
      .actor = actor,
      .decision = "builtin",
      .lease_ttl = absl::Seconds(60)});
}

directory::Introspection::Fields WorkerFields(std::string id) {
  return {.ns = "tenant-a",
          .node_type = "worker",
          .node_id = std::move(id),
          .version = "1.4.2",
          .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}},
          .capabilities = {{"max_jobs", "40"}},
          .labels = {{"zone", "eu-1"}},
          .epoch = "blue"};
}

absl::StatusOr<node::NodeRecord> FakeRegistry::GetNode(const directory::NodeRef& node,
                                                       bool with_evidence) {
  OMNI_RETURN_IF_ERROR(failure);
  for (const auto& view : nodes) {
    if (view->ref() != node) continue;
    return node::NodeRecord{.view = view, .evidence = with_evidence ? evidence : std::nullopt};
  }
  return Reject(Reason::kNodeUnknown, "there is no node '{}' in '{}'", node.id.value(),
                node.ns.value());
}

absl::StatusOr<node::NodeList> FakeRegistry::ListNodes(const NamespaceName& ns,
                                                       const std::vector<NodeType>& types) {
  OMNI_RETURN_IF_ERROR(failure);
  listed_types = types;
  node::NodeList list{.position = position};
  for (const auto& view : nodes) {
    if (view->ns() == ns) list.nodes.push_back({.view = view});
  }
  return list;
}

absl::StatusOr<directory::Tombstone> FakeRegistry::RemoveNode(const directory::NodeRef& node,
                                                              std::string_view reason,
                                                              std::string_view id) {
  OMNI_ASSIGN_OR_RETURN(const node::NodeRecord record, GetNode(node, false));
  reason_text = reason;
  request_id = id;
  return directory::Tombstone{.node = node,
                              .node_type = record.view->node_type(),
                              .reason = directory::RemovalReason::kManualDeregistration,
                              .reason_text = std::string(reason),
                              .actor = "spiffe://example.org/admin/alice",
                              .removed_at = {1, 43},
                              .removed_time = kThen,
                              .uptime = absl::Minutes(90)};
}

absl::StatusOr<std::vector<directory::Tombstone>> FakeRegistry::ListTombstones(
    const NamespaceName& ns, const std::optional<NodeId>& node, std::size_t most) {
  OMNI_RETURN_IF_ERROR(failure);
  tombstones_of = node;
  limit = most;
  const auto Of = [&](const char* id) { return directory::NodeRef{ns, NodeId::Parse(id).value()}; };
  const NodeType worker = NodeType::Parse("worker").value();
  return std::vector<directory::Tombstone>{
      {.node = Of("w7"),
       .node_type = worker,
       .reason = directory::RemovalReason::kManualDeregistration,
       .reason_text = "host is gone",
       .actor = "spiffe://example.org/admin/alice",
       .removed_at = {1, 43},
       .removed_time = kThen,
       .uptime = absl::Seconds(251) + absl::Milliseconds(467)},
      {.node = Of("w8"),
       .node_type = worker,
       .reason = directory::RemovalReason::kLeaseExpired,
       .removed_at = {1, 40},
       .removed_time = kThen,
       .uptime = absl::Microseconds(467'123)}};
}

absl::StatusOr<node::TopologySnapshot> FakeRegistry::GetTopology(const NamespaceName& ns) {
  OMNI_ASSIGN_OR_RETURN(node::NodeList list, ListNodes(ns, {}));
  node::TopologySnapshot snapshot{.position = position};
  for (const auto& record : list.nodes) snapshot.hash.Add(directory::CanonicalDigest(*record.view));
  snapshot.nodes = std::move(list.nodes);
  return snapshot;
}

absl::StatusOr<directory::Position> FakeRegistry::WaitForVersion(
    const NamespaceName&, const directory::Position& wanted) {
  OMNI_RETURN_IF_ERROR(failure);
  if (position < wanted)
    return Reject(Reason::kDeadline, "the instance is at {}", position.ToString());
  return position;
}

absl::Status FakeRegistry::Watch(
    const WatchOptions& options,
    const std::function<absl::Status(const node::TopologyEvent&)>& on_event) {
  OMNI_RETURN_IF_ERROR(failure);
  watched = options;
  for (const node::TopologyEvent& event : events) OMNI_RETURN_IF_ERROR(on_event(event));
  return stream_end;
}

absl::StatusOr<node::NamespaceRecord> FakeRegistry::CreateNamespace(
    const NamespaceName& ns, const node::NamespaceRules& limits, std::string_view id) {
  OMNI_RETURN_IF_ERROR(failure);
  rules = limits;
  request_id = id;
  return MakeNamespace(ns.value(), 0);
}

absl::StatusOr<node::NamespaceRecord> FakeRegistry::GetNamespace(const NamespaceName& ns) {
  OMNI_RETURN_IF_ERROR(failure);
  for (const auto& record : namespaces) {
    if (record.name == ns) return record;
  }
  return Reject(Reason::kNamespaceUnknown, "there is no namespace '{}'", ns.value());
}

absl::StatusOr<std::vector<node::NamespaceRecord>> FakeRegistry::ListNamespaces() {
  OMNI_RETURN_IF_ERROR(failure);
  return namespaces;
}

absl::StatusOr<Entry> FakeBootstrap::CreateEntry(const Entry& entry) {
  OMNI_RETURN_IF_ERROR(failure);
  created = entry;
  Entry made = entry;
  made.entry_id = "e-9";
  made.created_at = kThen;
  return made;
}

absl::StatusOr<Entry> FakeBootstrap::GetEntry(std::string_view entry_id) {
  OMNI_RETURN_IF_ERROR(failure);
  const auto it = std::ranges::find(entries, entry_id, &Entry::entry_id);
  if (it != entries.end()) return *it;
  return Reject(Reason::kObjectUnknown, "there is no entry '{}'", entry_id);
}

absl::StatusOr<std::vector<Entry>> FakeBootstrap::ListEntries() {
  OMNI_RETURN_IF_ERROR(failure);
  return entries;
}

absl::StatusOr<Entry> FakeBootstrap::UpdateEntry(std::string_view entry_id,
                                                 const EntryChange& what) {
  OMNI_ASSIGN_OR_RETURN(Entry entry, GetEntry(entry_id));
  change = what;
  if (what.svid_ttl.has_value()) entry.svid_ttl = what.svid_ttl;
  if (what.dns_names.has_value()) entry.dns_names = *what.dns_names;
  return entry;
}

absl::Status FakeBootstrap::DeleteEntry(std::string_view entry_id) {
  return GetEntry(entry_id).status();
}

absl::StatusOr<enrollment::TokenFile> FakeBootstrap::CreateJoinToken(
    std::string_view spiffe_id, std::optional<absl::Duration>) {
  OMNI_RETURN_IF_ERROR(failure);
  ++tokens;
  return enrollment::TokenFile{.attestor_address = "127.0.0.1:7100",
                               .bundle = identity::TestAuthority("example.org").bundle(),
                               .token_id = "t-1",
                               .token = std::string(crypto::PrivateKey::kSeedBytes, 's'),
                               .spiffe_id = std::string(spiffe_id),
                               .expires_at = omninode::FormatTime(kThen)};
}

absl::StatusOr<RevokedSvid> FakeBootstrap::RevokeSvid(std::string_view, std::string_view) {
  OMNI_RETURN_IF_ERROR(failure);
  return RevokedSvid{"spiffe://example.org/ns/tenant-a/node/worker/w1", propagation};
}

absl::StatusOr<Propagation> FakeBootstrap::BanIdentity(std::string_view, std::string_view) {
  OMNI_RETURN_IF_ERROR(failure);
  return propagation;
}

absl::StatusOr<Propagation> FakeBootstrap::UnbanIdentity(std::string_view) {
  OMNI_RETURN_IF_ERROR(failure);
  return propagation;
}

absl::StatusOr<std::vector<RevocationRecord>> FakeBootstrap::ListRevocations() {
  OMNI_RETURN_IF_ERROR(failure);
  return revocations;
}

std::unique_ptr<FakeWorld> FakeWorld::Make() {
  auto world = std::make_unique<FakeWorld>();
  directory::Introspection::Fields second = WorkerFields("worker-with-a-long-name");
  second.epoch = "";
  second.version = "";
  second.health = directory::Health::kNotServing;
  world->registry.nodes = {
      MakeNode(WorkerFields("w1"), 41), MakeNode(second, 42),
      MakeNode({.ns = "system",
                .node_type = "registry",
                .node_id = "registry-1",
                .version = "0.1.0",
                .endpoints = {{"admin", "http://127.0.0.1:8110"}}},
               2),
      MakeNode({.ns = "system",
                .node_type = "bootstrap",
                .node_id = "bootstrap-1",
                .version = "0.1.0",
                .endpoints = {{"admin", "http://127.0.0.1:8101"}}},
               1),
      MakeNode({.ns = "system", .node_type = "attestor", .node_id = "attestor-1"}, 3)};
  world->registry.namespaces = {MakeNamespace("default", 0), MakeNamespace("tenant-a", 2)};
  world->bootstrap.entries = {{.entry_id = "e-1",
                               .spiffe_id_pattern = "spiffe://example.org/ns/tenant-a/node/*/*",
                               .svid_ttl = absl::Hours(1),
                               .dns_names = {"w.example.org"},
                               .created_at = kThen}};
  world->bootstrap.revocations = {{.spiffe_id = "spiffe://example.org/ns/tenant-a/node/worker/w1",
                                   .serial = "3fa9",
                                   .expires_at = kThen + absl::Hours(1),
                                   .reason_text = "key was copied",
                                   .actor = "spiffe://example.org/admin/alice",
                                   .time = kThen},
                                  {.spiffe_id = "spiffe://example.org/node/worker/w9",
                                   .actor = "spiffe://example.org/admin/alice",
                                   .time = kThen}};
  world->http.emplace(
      "127.0.0.1:8110",
      http::Response{.body = R"({"ready":true,"conditions":[{"name":"store","state":"ok"}]})"});
  world->http.emplace("127.0.0.1:8101",
                      http::Response{.status = 503, .body = R"({"ready":false,"conditions":[
                       {"name":"ca","state":"warning","detail":"ends in 20 days; renew the CA"},
                       {"name":"store","state":"failed","detail":"disk full; free some space"}]})"});
  return world;
}

absl::StatusOr<RegistryPort*> FakeClient::Registry() {
  OMNI_RETURN_IF_ERROR(world_.no_connection);
  return &world_.registry;
}

absl::StatusOr<BootstrapAdmin*> FakeClient::Bootstrap() {
  OMNI_RETURN_IF_ERROR(world_.no_connection);
  return &world_.bootstrap;
}

absl::StatusOr<enrollment::FirstIdentity> FakeClient::IssueLocally(const std::string&,
                                                                   const std::string& spiffe_id,
                                                                   std::optional<absl::Duration>) {
  OMNI_RETURN_IF_ERROR(world_.no_connection);
  ++world_.issued;
  const identity::TestAuthority authority("example.org");
  bootstrap::v1::TrustState state;
  state.set_sequence(5);
  state.mutable_network()->set_network_id("demo");
  state.mutable_network()->set_trust_domain("example.org");
  state.mutable_network()->add_registry_addresses("127.0.0.1:7110");
  state.mutable_network()->add_bootstrap_addresses("127.0.0.1:7101");
  auto* bundle = state.add_bundles();
  bundle->set_trust_domain("example.org");
  bundle->add_x509_authorities(authority.ca().der());
  const std::string bytes = enrollment::SerializeTrust(state);
  OMNI_ASSIGN_OR_RETURN(auto trust, enrollment::ParseTrust(bytes));
  return enrollment::FirstIdentity{authority.Issue(spiffe_id), std::move(trust), bytes};
}

absl::StatusOr<http::Response> FakeClient::HttpGet(const std::string& host, std::uint16_t port,
                                                   std::string_view) {
  const auto it = world_.http.find(fmt::format("{}:{}", host, port));
  if (it == world_.http.end()) return absl::UnavailableError("connection refused");
  return it->second;
}

absl::Status FakeClient::RunNode(const NodeRunOptions& options, const NodeEventSink& on_event) {
  OMNI_RETURN_IF_ERROR(world_.no_connection);
  OMNI_RETURN_IF_ERROR(options.describe().status());
  world_.node_options = options;
  for (const NodeEvent& event : world_.node_events) OMNI_RETURN_IF_ERROR(on_event(event));
  return absl::OkStatus();
}

Outcome RunIn(FakeWorld& world, const std::vector<std::string>& args,
              const std::map<std::string, std::string>& environment) {
  Outcome outcome;
  outcome.exit_code = static_cast<int>(RunProgram(
      args,
      {.environment = [&environment](std::string_view name) -> std::optional<std::string> {
         const auto it = environment.find(std::string(name));
         if (it == environment.end()) return std::nullopt;
         return it->second;
       },
       .style = {},
       .out = [&outcome](std::string_view text) { return outcome.out += text, true; },
       .err = [&outcome](std::string_view text) { return outcome.err += text, true; },
       .make_client = [&world](const Verb&,
                               const Args&) { return std::make_unique<FakeClient>(world); }}));
  return outcome;
}

std::vector<std::string> Words(std::string_view command) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(command, ' ')) words.emplace_back(word);
  return words;
}

}  // namespace omninode::omnictl::testing
