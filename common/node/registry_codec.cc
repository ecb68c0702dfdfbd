#include "common/node/registry_codec.h"

#include <memory>
#include <utility>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"

namespace omninode::node {
namespace {

// The duration at `path`.
absl::StatusOr<absl::Duration> DurationAt(const google::protobuf::Duration& message,
                                          std::string_view path) {
  auto duration = envelope::Decode(message);
  if (!duration.ok()) return AtField(duration.status(), path);
  return *duration;
}

absl::StatusOr<absl::Time> TimeAt(const google::protobuf::Timestamp& message,
                                  std::string_view path) {
  auto time = envelope::Decode(message);
  if (!time.ok()) return AtField(time.status(), path);
  return *time;
}

template <typename Name>
absl::StatusOr<Name> NameAt(const std::string& text, std::string_view path) {
  auto name = Name::Parse(text);
  if (!name.ok()) return AtField(name.status(), path);
  return *std::move(name);
}

}  // namespace

absl::StatusOr<RegisterAnswer> Decode(const registry::v1::RegisterResponse& message) {
  const registry::v1::Lease& lease = message.lease();
  OMNI_ASSIGN_OR_RETURN(const absl::Duration ttl, DurationAt(lease.ttl(), "lease.ttl"));
  OMNI_ASSIGN_OR_RETURN(absl::Duration renew_every,
                        DurationAt(lease.renew_every(), "lease.renew_every"));
  if (lease.handle() == 0 || ttl <= absl::ZeroDuration()) {
    return AtField(Reject(Reason::kMsgMalformed, "without handle or time"), "lease");
  }
  if (renew_every <= absl::ZeroDuration() || renew_every >= ttl) renew_every = ttl / 2;
  return RegisterAnswer{.registration = {.position = envelope::Decode(message.position()),
                                         .lease_handle = lease.handle(),
                                         .ttl = ttl,
                                         .renew_every = renew_every,
                                         .decision = message.decision()},
                        .lease_key = std::make_shared<const crypto::SecretString>(lease.key())};
}

absl::StatusOr<directory::Tombstone> Decode(const registry::v1::Tombstone& message) {
  OMNI_ASSIGN_OR_RETURN(auto ns, NameAt<NamespaceName>(message.namespace_(), "namespace"));
  OMNI_ASSIGN_OR_RETURN(auto id, NameAt<NodeId>(message.node_id(), "node_id"));
  OMNI_ASSIGN_OR_RETURN(auto type, NameAt<NodeType>(message.node_type(), "node_type"));
  const auto reason = envelope::Decode(message.reason());
  if (!reason.ok()) return AtField(reason.status(), "reason");
  if (absl::Status valid = directory::CheckReasonText(message.reason_text()); !valid.ok()) {
    return AtField(valid, "reason_text");
  }
  OMNI_ASSIGN_OR_RETURN(const absl::Time removed, TimeAt(message.removed_at(), "removed_at"));
  OMNI_ASSIGN_OR_RETURN(const absl::Duration uptime, DurationAt(message.uptime(), "uptime"));
  const auto health = envelope::Decode(message.final_health());
  if (!health.ok()) return AtField(health.status(), "final_health");
  return directory::Tombstone{.node = {std::move(ns), std::move(id)},
                              .node_type = std::move(type),
                              .reason = *reason,
                              .reason_text = message.reason_text(),
                              .actor = message.actor(),
                              .decision = message.decision(),
                              .removed_at = envelope::Decode(message.position()),
                              .removed_time = removed,
                              .uptime = uptime,
                              .final_health = *health};
}

absl::StatusOr<NamespaceRecord> Decode(const registry::v1::Namespace& message) {
  OMNI_ASSIGN_OR_RETURN(auto name, NameAt<NamespaceName>(message.namespace_(), "namespace"));
  NamespaceRules rules{.max_nodes = message.limits().max_nodes()};
  OMNI_ASSIGN_OR_RETURN(rules.default_ttl,
                        DurationAt(message.limits().default_ttl(), "limits.default_ttl"));
  OMNI_ASSIGN_OR_RETURN(rules.min_ttl, DurationAt(message.limits().min_ttl(), "limits.min_ttl"));
  OMNI_ASSIGN_OR_RETURN(rules.max_ttl, DurationAt(message.limits().max_ttl(), "limits.max_ttl"));
  OMNI_ASSIGN_OR_RETURN(const absl::Time created, TimeAt(message.created_at(), "created_at"));
  return NamespaceRecord{.name = std::move(name),
                         .rules = rules,
                         .position = envelope::Decode(message.position()),
                         .nodes = message.nodes(),
                         .created_at = created};
}

registry::v1::NamespaceLimits Encode(const NamespaceRules& rules) {
  registry::v1::NamespaceLimits message;
  const absl::Duration zero = absl::ZeroDuration();
  if (rules.default_ttl != zero) {
    *message.mutable_default_ttl() = envelope::Encode(rules.default_ttl);
  }
  if (rules.min_ttl != zero) *message.mutable_min_ttl() = envelope::Encode(rules.min_ttl);
  if (rules.max_ttl != zero) *message.mutable_max_ttl() = envelope::Encode(rules.max_ttl);
  message.set_max_nodes(rules.max_nodes);
  return message;
}

BeatOutcome Decode(registry::v1::BeatOutcome outcome) {
  if (outcome == registry::v1::BEAT_OUTCOME_UNSPECIFIED ||
      !registry::v1::BeatOutcome_IsValid(outcome)) {
    return BeatOutcome::kRetry;
  }
  return static_cast<BeatOutcome>(outcome);
}

}  // namespace omninode::node
