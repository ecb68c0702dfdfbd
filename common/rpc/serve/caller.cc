#include "common/rpc/serve/caller.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/base/reason.h"

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

absl::Status CheckNamespace(const Caller& caller, const NamespaceName& ns, Access access) {
  if (MayEnter(caller.principal(), ns, access)) return absl::OkStatus();
  return Reject(Reason::kNsForbidden, "{} may not {} namespace {}", caller.id().ToString(),
                access == Access::kRead ? "read" : "write in", ns.value());
}

}  // namespace omninode::rpc
