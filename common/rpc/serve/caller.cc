#include "common/rpc/serve/caller.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::rpc {
namespace {

constexpr std::array<std::string_view, 4> kReadAllServices = {"consul", "federation", "gateway",
                                                              "registry"};

bool ReadsEverything(const identity::ServiceIdentity& service) {
  return std::ranges::find(kReadAllServices, service.name.value()) != kReadAllServices.end();
}

bool MayEnter(const identity::Principal& principal, const NamespaceName& ns, Access access) {
  if (principal.As<identity::AdminIdentity>() != nullptr) return true;
  if (const auto* admin = principal.As<identity::NamespaceAdminIdentity>()) {
    return admin->namespace_name == ns;
  }
  if (const auto* service = principal.As<identity::ServiceIdentity>()) {
    if (access == Access::kRead && ReadsEverything(*service)) return true;
  }
  // Agents belong to no namespace: what they carry is decided by its signature.
  const auto node = identity::AsNode(principal);
  return node.has_value() && node->namespace_name == ns;
}

}  // namespace

std::string Caller::Name() const {
  if (svid != nullptr) return svid->id.ToString();
  if (local.has_value()) return fmt::format("uid:{}", local->uid);
  return claimed_id;
}

absl::Status CheckNamespace(const Caller& caller, const NamespaceName& ns, Access access) {
  if (MayEnter(caller.principal(), ns, access)) return absl::OkStatus();
  return Reject(Reason::kNsForbidden, "{} may not {} namespace {}", caller.id().ToString(),
                access == Access::kRead ? "read" : "write in", ns.value());
}

absl::StatusOr<NamespaceName> AccessibleNamespace(const Caller& caller, std::string_view name,
                                                  Access access) {
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceName::Parse(name));
  OMNI_RETURN_IF_ERROR(CheckNamespace(caller, ns, access));
  return ns;
}

}  // namespace omninode::rpc
