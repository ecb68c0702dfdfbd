#include "common/identity/principal.h"

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::identity {
namespace {

constexpr std::size_t kShownBytes = 128;

using Segments = std::span<const std::string_view>;

// Each reader takes the segments after the word that chose it; nullopt when they do not fit.
std::optional<NodeIdentity> ReadNode(std::string_view namespace_name, Segments segments) {
  if (segments.size() != 2) return std::nullopt;
  auto ns = NamespaceName::Parse(namespace_name);
  auto type = NodeType::Parse(segments[0]);
  auto id = NodeId::Parse(segments[1]);
  if (!ns.ok() || !type.ok() || !id.ok()) return std::nullopt;
  return NodeIdentity{*std::move(ns), *std::move(type), *std::move(id)};
}

std::optional<NodeId> ReadName(Segments segments) {
  if (segments.size() != 1) return std::nullopt;
  auto name = NodeId::Parse(segments[0]);
  if (!name.ok()) return std::nullopt;
  return *std::move(name);
}

bool HasOwnNodePaths(std::string_view namespace_name) {
  return namespace_name != kDefaultNamespace && namespace_name != kSystemNamespace;
}

absl::Status NoRole(const SpiffeId& id) {
  return Reject(Reason::kRoleRequired, "no role belongs to SPIFFE ID {}",
                EscapeForDisplay(id.ToString(), kShownBytes));
}

SpiffeId Make(const TrustDomain& trust_domain, std::initializer_list<std::string_view> segments) {
  std::string path;
  for (const std::string_view segment : segments) path.append("/").append(segment);
  absl::StatusOr<SpiffeId> id = SpiffeId::FromParts(trust_domain, path);
  // Names are shorter and narrower than what a path may hold.
  OMNI_CHECK(id.ok());
  return *std::move(id);
}

}  // namespace

absl::StatusOr<Principal> Principal::From(const SpiffeId& id) {
  const std::vector<std::string_view> all = id.segments();
  if (all.size() < 2) return NoRole(id);
  Segments rest = Segments(all).subspan(1);

  if (all[0] == "node") {
    if (auto node = ReadNode(kDefaultNamespace, rest)) return Principal(*std::move(node));
  } else if (all[0] == "agent") {
    if (auto host = ReadName(rest)) return Principal(AgentIdentity{*std::move(host)});
  } else if (all[0] == "admin") {
    if (auto name = ReadName(rest)) return Principal(AdminIdentity{*std::move(name)});
  } else if (all[0] == "service") {
    if (auto node = ReadNode(kSystemNamespace, rest)) {
      return Principal(ServiceIdentity{std::move(node->type), std::move(node->id)});
    }
  } else if (all[0] == "ns" && all.size() > 2) {
    rest = Segments(all).subspan(3);
    if (all[2] == "node" && HasOwnNodePaths(all[1])) {
      if (auto node = ReadNode(all[1], rest)) return Principal(*std::move(node));
    } else if (all[2] == "admin") {
      auto ns = NamespaceName::Parse(all[1]);
      auto name = ReadName(rest);
      if (ns.ok() && name.has_value()) {
        return Principal(NamespaceAdminIdentity{*std::move(ns), *std::move(name)});
      }
    }
  }
  return NoRole(id);
}

std::string_view NameOf(Principal::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames{"node", "agent", "service", "admin",
                                                   "namespace_admin"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<NodeIdentity> AsNode(const Principal& principal) {
  if (const auto* node = principal.As<NodeIdentity>()) return *node;
  if (const auto* service = principal.As<ServiceIdentity>()) {
    return NodeIdentity{NamespaceName::Parse(kSystemNamespace).value(), service->name,
                        service->instance};
  }
  return std::nullopt;
}

SpiffeId NodeSpiffeId(const TrustDomain& trust_domain, const NodeIdentity& node) {
  return NodeSpiffeId(trust_domain, node.namespace_name, node.type, node.id);
}

SpiffeId NodeSpiffeId(const TrustDomain& trust_domain, const NamespaceName& namespace_name,
                      const NodeType& type, const NodeId& id) {
  if (namespace_name.value() == kDefaultNamespace) {
    return Make(trust_domain, {"node", type.value(), id.value()});
  }
  if (namespace_name.value() == kSystemNamespace) return ServiceSpiffeId(trust_domain, type, id);
  return Make(trust_domain, {"ns", namespace_name.value(), "node", type.value(), id.value()});
}

SpiffeId AgentSpiffeId(const TrustDomain& trust_domain, const NodeId& host) {
  return Make(trust_domain, {"agent", host.value()});
}

SpiffeId ServiceSpiffeId(const TrustDomain& trust_domain, const NodeType& name,
                         const NodeId& instance) {
  return Make(trust_domain, {"service", name.value(), instance.value()});
}

SpiffeId AdminSpiffeId(const TrustDomain& trust_domain, const NodeId& name) {
  return Make(trust_domain, {"admin", name.value()});
}

SpiffeId NamespaceAdminSpiffeId(const TrustDomain& trust_domain,
                                const NamespaceName& namespace_name, const NodeId& name) {
  return Make(trust_domain, {"ns", namespace_name.value(), "admin", name.value()});
}

}  // namespace omninode::identity
