#include "common/envelope/topology_codec.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/type_codec.h"

namespace omninode::envelope {
namespace {

using directory::ChangeKind;

v1::TopologySummary Summarize(const directory::TopologyDiff& diff, std::uint64_t node_count) {
  const auto count = [&](ChangeKind kind) {
    return static_cast<std::uint32_t>(
        std::ranges::count(diff.changes, kind, &directory::TopologyChange::kind));
  };
  v1::TopologySummary summary;
  summary.set_added(count(ChangeKind::kAdded));
  summary.set_updated(count(ChangeKind::kUpdated));
  summary.set_removed(count(ChangeKind::kRemoved));
  summary.set_nodes(node_count);
  return summary;
}

absl::StatusOr<ChangeKind> DecodeKind(v1::ChangeKind kind) {
  if (kind == v1::CHANGE_KIND_UNSPECIFIED || !v1::ChangeKind_IsValid(kind)) {
    return AtField(
        Reject(Reason::kMsgMalformed, "{} is not a kind of change", static_cast<int>(kind)),
        "kind");
  }
  return static_cast<ChangeKind>(kind);
}

directory::ChangedFields DecodeChangedFields(const v1::TopologyChange& message) {
  directory::ChangedFields fields;
  for (const std::string& name : message.changed_fields()) {
    if (const auto field = directory::ParseChangedField(name)) fields.Add(*field);
  }
  return fields;
}

absl::StatusOr<directory::NodeViewPtr> DecodeNode(const v1::TopologyChange& message,
                                                  const NamespaceName& ns) {
  OMNI_ASSIGN_OR_RETURN(auto fields, DecodeNodeFields(message));
  fields.ns = ns.value();
  OMNI_ASSIGN_OR_RETURN(auto introspection, directory::Introspection::Create(std::move(fields)));
  auto registered_at = Decode(message.registered_at());
  if (!registered_at.ok()) return AtField(registered_at.status(), "registered_at");
  auto ttl = Decode(message.ttl());
  if (!ttl.ok()) return AtField(ttl.status(), "ttl");
  return std::make_shared<const directory::NodeView>(
      directory::NodeView{.introspection = std::move(introspection),
                          .version = message.node_version(),
                          .registered_at = *registered_at,
                          .actor = message.actor(),
                          .decision = message.decision(),
                          .lease_ttl = *ttl});
}

absl::Status DecodeRemoval(const v1::TopologyChange& message, directory::TopologyChange* change) {
  auto reason = Decode(message.removal_reason());
  if (!reason.ok()) return AtField(reason.status(), "removal_reason");
  change->removal_reason = *reason;
  change->reason_text = message.reason_text();
  return AtField(directory::CheckReasonText(change->reason_text), "reason_text");
}

absl::Status CheckDiff(const v1::TopologyDiff& message, const directory::TopologyDiff& diff) {
  if (message.topology_version() != diff.position.version) {
    return AtField(Reject(Reason::kMsgMalformed, "{} differs from the position's {}",
                          message.topology_version(), diff.position.version),
                   "topology_version");
  }
  // Sorted, and no node twice.
  if (std::ranges::adjacent_find(diff.changes, std::ranges::greater_equal(),
                                 &directory::TopologyChange::node_id) != diff.changes.end()) {
    return AtField(Reject(Reason::kMsgMalformed, "not in the order of node ids"), "changes");
  }
  const v1::TopologySummary counted = Summarize(diff, message.summary().nodes());
  if (counted.added() != message.summary().added() ||
      counted.updated() != message.summary().updated() ||
      counted.removed() != message.summary().removed()) {
    return AtField(Reject(Reason::kMsgMalformed, "does not count the changes"), "summary");
  }
  return absl::OkStatus();
}

}  // namespace

v1::TopologyChange Encode(const directory::TopologyChange& change, const RawEnvelope* evidence) {
  v1::TopologyChange message;
  message.set_kind(static_cast<v1::ChangeKind>(change.kind));
  message.set_previous_node_version(change.previous_node_version);
  message.set_actor(change.actor);
  message.set_decision(change.decision);
  message.set_correlation_id(change.correlation_id);
  if (change.kind == ChangeKind::kRemoved) {
    message.set_node_id(change.node_id.value());
    message.set_node_type(change.node_type.value());
    message.set_removal_reason(Encode(*change.removal_reason));
    message.set_reason_text(change.reason_text);
    return message;
  }
  const directory::NodeView& node = *change.node;
  EncodeNodeFields(node.introspection, &message);
  for (const std::string_view name : change.changed_fields.Names()) {
    message.add_changed_fields(std::string(name));
  }
  message.set_node_version(node.version);
  *message.mutable_registered_at() = Encode(node.registered_at);
  *message.mutable_ttl() = Encode(node.lease_ttl);
  if (evidence != nullptr) *message.mutable_evidence() = Encode(*evidence);
  return message;
}

v1::TopologyDiff Encode(const directory::TopologyDiff& diff, const DiffOrigin& origin,
                        const EvidenceLookup& evidence) {
  v1::TopologyDiff message;
  *message.mutable_position() = Encode(diff.position);
  message.set_topology_version(diff.position.version);
  for (const directory::TopologyChange& change : diff.changes) {
    std::optional<RawEnvelope> envelope;
    if (evidence && change.kind != ChangeKind::kRemoved) envelope = evidence(change);
    *message.add_changes() = Encode(change, envelope ? &*envelope : nullptr);
  }
  *message.mutable_summary() = Summarize(diff, origin.node_count);
  message.set_source_node(origin.source_node);
  *message.mutable_timestamp() = Encode(diff.timestamp);
  return message;
}

absl::StatusOr<directory::TopologyChange> Decode(const v1::TopologyChange& message,
                                                 const NamespaceName& ns) {
  OMNI_ASSIGN_OR_RETURN(const ChangeKind kind, DecodeKind(message.kind()));
  auto node_id = NodeId::Parse(message.node_id());
  if (!node_id.ok()) return AtField(node_id.status(), "node_id");
  auto node_type = NodeType::Parse(message.node_type());
  if (!node_type.ok()) return AtField(node_type.status(), "node_type");
  directory::TopologyChange change{.kind = kind,
                                   .node_id = *std::move(node_id),
                                   .node_type = *std::move(node_type),
                                   .changed_fields = DecodeChangedFields(message),
                                   .previous_node_version = message.previous_node_version(),
                                   .actor = message.actor(),
                                   .decision = message.decision(),
                                   .correlation_id = message.correlation_id()};
  if (kind == ChangeKind::kRemoved) {
    OMNI_RETURN_IF_ERROR(DecodeRemoval(message, &change));
  } else {
    OMNI_ASSIGN_OR_RETURN(change.node, DecodeNode(message, ns));
  }
  if (!directory::IsWellFormed(change)) {
    return Reject(Reason::kMsgMalformed, "the fields of node '{}' do not fit a change of kind {}",
                  change.node_id.value(), directory::NameOf(kind));
  }
  return change;
}

absl::StatusOr<DecodedDiff> Decode(const v1::TopologyDiff& message, const NamespaceName& ns) {
  DecodedDiff decoded{
      .diff = {.position = Decode(message.position())},
      .origin = {.source_node = message.source_node(), .node_count = message.summary().nodes()}};
  auto timestamp = Decode(message.timestamp());
  if (!timestamp.ok()) return AtField(timestamp.status(), "timestamp");
  decoded.diff.timestamp = *timestamp;
  for (int i = 0; i < message.changes_size(); ++i) {
    const v1::TopologyChange& item = message.changes(i);
    auto change = Decode(item, ns);
    if (!change.ok()) return AtField(change.status(), fmt::format("changes[{}]", i));
    decoded.diff.changes.push_back(*std::move(change));
    std::optional<RawEnvelope>& evidence = decoded.evidence.emplace_back();
    if (!item.has_evidence()) continue;
    auto envelope = Decode(item.evidence());
    if (!envelope.ok()) {
      return AtField(envelope.status(), fmt::format("changes[{}].evidence", i));
    }
    evidence = *std::move(envelope);
  }
  OMNI_RETURN_IF_ERROR(CheckDiff(message, decoded.diff));
  return decoded;
}

}  // namespace omninode::envelope
