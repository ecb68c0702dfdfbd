#include "services/registry/topology/testing/commands.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/crypto/digest.h"

namespace omninode::registry::testing {
namespace {

template <typename T>
T Valid(absl::StatusOr<T> value) {
  OMNI_CHECK(value.ok());
  return *std::move(value);
}

Admitted AdmittedOf(const NodeSpec& spec, const std::string& kind, const std::string& content) {
  const std::string id = SpiffeIdOf(spec);
  auto chain = std::make_shared<const CertificateChain>(
      CertificateChain{crypto::Sha256(spec.leaf), {"certificate " + spec.leaf}});
  return {.node = {Valid(NamespaceName::Parse(spec.ns)), Valid(NodeId::Parse(spec.id))},
          .type = Valid(NodeType::Parse(spec.type)),
          .sequence = spec.sequence,
          .digest = crypto::Sha256(kind + content),
          .evidence = std::make_shared<const Evidence>(
              Evidence{"body " + content, "signature", crypto::SignatureAlgorithm::kSha256WithEcdsa,
                       std::move(chain)}),
          .signer = {id, "key of " + spec.leaf, absl::FromUnixSeconds(1'700'000'000)},
          .submitter = spec.submitter.empty() ? id : spec.submitter,
          .signed_at = absl::FromUnixSeconds(1'800'000'000),
          .clock = absl::OkStatus(),
          .decision = {.id = "decision-1", .revision = 0, .max_nodes_of_type = std::nullopt},
          .correlation_id = {}};
}

}  // namespace

std::string SpiffeIdOf(const NodeSpec& spec) {
  return "spiffe://example.org/ns/" + spec.ns + "/node/" + spec.type + "/" + spec.id;
}

directory::Introspection IntrospectionOf(const NodeSpec& spec) {
  directory::Introspection::Fields fields{.ns = spec.ns,
                                          .node_type = spec.type,
                                          .node_id = spec.id,
                                          .version = "1.0",
                                          .endpoints = {{"grpc", "grpcs://127.0.0.1:7000"}},
                                          .capabilities = {{"slots", spec.capability}},
                                          .epoch = spec.epoch,
                                          .requested_ttl = spec.ttl};
  if (!spec.zone.empty()) fields.labels.emplace_back("zone", spec.zone);
  return Valid(directory::Introspection::Create(std::move(fields)));
}

RegisterCommand Registration(const NodeSpec& spec) {
  return {AdmittedOf(spec, "introspection", spec.capability + spec.zone + spec.epoch),
          IntrospectionOf(spec)};
}

LeaveCommand Goodbye(const NodeSpec& spec) {
  return {AdmittedOf(spec, "tombstone", {}), directory::Health::kNotServing, "bye"};
}

RemoveCommand Expiry(const NodeSpec& spec, LeaseHandle lease) {
  return {.node = {Valid(NamespaceName::Parse(spec.ns)), Valid(NodeId::Parse(spec.id))},
          .reason = directory::RemovalReason::kLeaseExpired,
          .reason_text = {},
          .actor = "spiffe://example.org/service/registry/registry-1",
          .decision = {},
          .only_lease = lease,
          .request = std::nullopt};
}

CreateNamespaceCommand Creation(const std::string& name, const NamespaceLimits::Fields& fields) {
  return {Valid(NamespaceName::Parse(name)), Valid(NamespaceLimits::Create(fields)),
          "spiffe://example.org/admin/alice", std::nullopt};
}

Harness::Harness()
    : trust(std::make_shared<const identity::TrustState>(
          identity::TrustState{.own = Valid(identity::TrustDomain::Parse("example.org"))})) {}

Plan Harness::Run(std::vector<Command> commands) {
  Plan plan = MakePlan(state, commands, {.now = now, .trust = *trust, .term = 1});
  for (const ChangeRecord& record : plan.records) {
    auto result = state.Apply(record);
    OMNI_CHECK(result.ok());
    applied.push_back(*std::move(result));
  }
  return plan;
}

Outcome Harness::RunOne(Command command) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  return std::move(Run(std::move(commands)).outcomes.front());
}

Reason Harness::RejectedFor(Command command) {
  const Outcome outcome = RunOne(std::move(command));
  const auto* status = std::get_if<absl::Status>(&outcome);
  OMNI_CHECK(status != nullptr && ReasonOf(*status).has_value());
  return *ReasonOf(*status);
}

}  // namespace omninode::registry::testing
