#include "common/rpc/serve/roles_table.h"

#include <algorithm>
#include <array>

namespace omninode::rpc {
namespace {

using enum Role;

// Who registers and beats; the signature of the envelope decides for whom.
constexpr Roles kRegistrants = {kNode, kAgent, kService};
// Any identity of the network; where a namespace is named, CheckNamespace narrows it further.
constexpr Roles kAnyIdentity = {kNode, kAgent, kService, kAdmin, kNamespaceAdmin};
constexpr Roles kAdmins = {kAdmin};

constexpr auto kTable = std::to_array<RpcRule>({
    {"omninode.bootstrap.v1.AttestationService/Attest", {kAnyone}, Limiter::kStream, Audit::kAll},
    {"omninode.bootstrap.v1.AuthorityService/BanIdentity", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.AuthorityService/ListRevocations", kAdmins, Limiter::kControl,
     Audit::kNone},
    {"omninode.bootstrap.v1.AuthorityService/RevokeSvid", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.AuthorityService/UnbanIdentity", kAdmins, Limiter::kControl,
     Audit::kAll},
    {"omninode.bootstrap.v1.EntryService/CreateEntry", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.EntryService/CreateJoinToken", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.EntryService/DeleteEntry", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.EntryService/GetEntry", kAdmins, Limiter::kControl, Audit::kNone},
    {"omninode.bootstrap.v1.EntryService/ListEntries", kAdmins, Limiter::kControl, Audit::kNone},
    {"omninode.bootstrap.v1.EntryService/UpdateEntry", kAdmins, Limiter::kControl, Audit::kAll},
    {"omninode.bootstrap.v1.IdentityService/BeginAttestation",
     {kAttestor},
     Limiter::kData,
     Audit::kNone},
    {"omninode.bootstrap.v1.IdentityService/FinishAttestation",
     {kAttestor},
     Limiter::kData,
     Audit::kAll},
    {"omninode.bootstrap.v1.IdentityService/RenewSvid", kAnyIdentity, Limiter::kData,
     Audit::kWrites},
    {"omninode.bootstrap.v1.LocalIdentityService/IssueSvid",
     {kLocal},
     Limiter::kControl,
     Audit::kAll},
    {"omninode.bootstrap.v1.TrustService/AckTrust", kAnyIdentity, Limiter::kControl, Audit::kNone},
    {"omninode.bootstrap.v1.TrustService/GetTrust", kAnyIdentity, Limiter::kControl, Audit::kNone},
    {"omninode.bootstrap.v1.TrustService/WatchTrust", kAnyIdentity, Limiter::kStream, Audit::kNone},
    {"omninode.registry.v1.NamespaceService/CreateNamespace", kAdmins, Limiter::kControl,
     Audit::kAll},
    {"omninode.registry.v1.NamespaceService/GetNamespace", kAnyIdentity, Limiter::kControl,
     Audit::kNone},
    {"omninode.registry.v1.NamespaceService/ListNamespaces", kAdmins, Limiter::kControl,
     Audit::kNone},
    // The change log records registrations and renewals; a log line each would double the work.
    {"omninode.registry.v1.RegistryService/Deregister",
     {kNode, kAgent, kService, kAdmin, kNamespaceAdmin},
     Limiter::kData,
     Audit::kWrites},
    {"omninode.registry.v1.RegistryService/GetNode", kAnyIdentity, Limiter::kData, Audit::kNone},
    {"omninode.registry.v1.RegistryService/Heartbeat", kRegistrants, Limiter::kStream,
     Audit::kNone},
    {"omninode.registry.v1.RegistryService/ListNodes", kAnyIdentity, Limiter::kData, Audit::kNone},
    {"omninode.registry.v1.RegistryService/ListTombstones", kAnyIdentity, Limiter::kData,
     Audit::kNone},
    {"omninode.registry.v1.RegistryService/Register", kRegistrants, Limiter::kData, Audit::kNone},
    {"omninode.registry.v1.TopologyService/GetTopology", kAnyIdentity, Limiter::kData,
     Audit::kNone},
    {"omninode.registry.v1.TopologyService/WaitForVersion", kAnyIdentity, Limiter::kStream,
     Audit::kNone},
    {"omninode.registry.v1.TopologyService/WatchTopology", kAnyIdentity, Limiter::kStream,
     Audit::kNone},
});

constexpr bool ByMethod(const RpcRule& a, const RpcRule& b) { return a.method < b.method; }
static_assert(std::ranges::is_sorted(kTable, ByMethod));

constexpr RpcRule kNobody = {"other", {}, Limiter::kControl, Audit::kNone};

}  // namespace

std::span<const RpcRule> RolesTable() { return kTable; }

const RpcRule& RuleOf(std::string_view method) {
  const auto* row = std::ranges::lower_bound(kTable, method, {}, &RpcRule::method);
  return row != kTable.end() && row->method == method ? *row : kNobody;
}

std::vector<std::string> RpcNames() {
  std::vector<std::string> names;
  for (const RpcRule& row : kTable) names.emplace_back(row.method);
  return names;
}

Roles RolesOf(const identity::Principal& principal) {
  using Kind = identity::Principal::Kind;
  switch (principal.kind()) {
    case Kind::kNode:
      return {kNode};
    case Kind::kAgent:
      return {kAgent};
    case Kind::kAdmin:
      return {kAdmin};
    case Kind::kNamespaceAdmin:
      return {kNamespaceAdmin};
    case Kind::kService:
      break;
  }
  const std::string& name = principal.As<identity::ServiceIdentity>()->name.value();
  if (name == "attestor") return {kService, kAttestor};
  if (name == "registry") return {kService, kRegistry};
  return {kService};
}

}  // namespace omninode::rpc
