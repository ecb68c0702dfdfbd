#include "services/registry/api/node_codec.h"

#include <algorithm>

#include "common/base/status.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/type_codec.h"

namespace omninode::registry {

envelope::RawEnvelope EnvelopeOf(const Node& node) {
  return {.spiffe_id = node.signer.spiffe_id,
          .certificates_der = node.evidence->chain->der,
          .algorithm = node.evidence->algorithm,
          .signature = node.evidence->signature,
          .body = node.evidence->body};
}

v1::Node Encode(const Node& node, NodeDetail detail) {
  const directory::NodeView& view = *node.view;
  v1::Node message;
  message.set_namespace_(view.ns().value());
  envelope::EncodeNodeFields(view.introspection, &message);
  message.set_node_version(view.version);
  *message.mutable_registered_at() = envelope::Encode(view.registered_at);
  message.set_actor(view.actor);
  message.set_decision(view.decision);
  *message.mutable_ttl() = envelope::Encode(view.lease_ttl);
  if (detail == NodeDetail::kWithEvidence) {
    *message.mutable_evidence() = envelope::Encode(EnvelopeOf(node));
  }
  return message;
}

v1::Tombstone Encode(const directory::Tombstone& tombstone) {
  v1::Tombstone message;
  message.set_namespace_(tombstone.node.ns.value());
  message.set_node_id(tombstone.node.id.value());
  message.set_node_type(tombstone.node_type.value());
  message.set_reason(envelope::Encode(tombstone.reason));
  message.set_reason_text(tombstone.reason_text);
  message.set_actor(tombstone.actor);
  message.set_decision(tombstone.decision);
  *message.mutable_position() = envelope::Encode(tombstone.removed_at);
  *message.mutable_removed_at() = envelope::Encode(tombstone.removed_time);
  *message.mutable_uptime() = envelope::Encode(tombstone.uptime);
  message.set_final_health(envelope::Encode(tombstone.final_health));
  return message;
}

v1::Namespace Encode(const NamespaceSummary& summary) {
  v1::Namespace message;
  message.set_namespace_(summary.info.name.value());
  v1::NamespaceLimits* limits = message.mutable_limits();
  *limits->mutable_default_ttl() = envelope::Encode(summary.info.limits.default_ttl());
  *limits->mutable_min_ttl() = envelope::Encode(summary.info.limits.min_ttl());
  *limits->mutable_max_ttl() = envelope::Encode(summary.info.limits.max_ttl());
  limits->set_max_nodes(summary.info.limits.max_nodes());
  *message.mutable_position() = envelope::Encode(summary.position);
  message.set_nodes(summary.nodes);
  *message.mutable_created_at() = envelope::Encode(summary.info.created_at);
  return message;
}

absl::StatusOr<NamespaceLimits> Decode(const v1::NamespaceLimits& message) {
  const auto duration = [](bool set, const google::protobuf::Duration& value,
                           absl::Duration fallback) -> absl::StatusOr<absl::Duration> {
    return set ? envelope::Decode(value) : fallback;
  };
  NamespaceLimits::Fields fields;
  OMNI_ASSIGN_OR_RETURN(fields.default_ttl, duration(message.has_default_ttl(),
                                                     message.default_ttl(), fields.default_ttl));
  // A namespace for short leases need not name its bounds too.
  OMNI_ASSIGN_OR_RETURN(fields.min_ttl, duration(message.has_min_ttl(), message.min_ttl(),
                                                 std::min(fields.min_ttl, fields.default_ttl)));
  OMNI_ASSIGN_OR_RETURN(fields.max_ttl, duration(message.has_max_ttl(), message.max_ttl(),
                                                 std::max(fields.max_ttl, fields.default_ttl)));
  if (message.max_nodes() != 0) fields.max_nodes = message.max_nodes();
  return NamespaceLimits::Create(fields);
}

}  // namespace omninode::registry
