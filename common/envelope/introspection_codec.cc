#include "common/envelope/introspection_codec.h"

#include <utility>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/tombstone.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/type_codec.h"

namespace omninode::envelope {
namespace {

template <typename NameType>
absl::StatusOr<NameType> ParseName(const std::string& text, std::string_view path) {
  auto name = NameType::Parse(text);
  if (!name.ok()) return AtField(name.status(), path);
  return name;
}

}  // namespace

v1::NodeIntrospection Encode(const directory::Introspection& introspection) {
  v1::NodeIntrospection message;
  message.set_namespace_(introspection.ns().value());
  EncodeNodeFields(introspection, &message);
  if (introspection.requested_ttl() != absl::ZeroDuration()) {
    *message.mutable_ttl() = Encode(introspection.requested_ttl());
  }
  return message;
}

absl::StatusOr<directory::Introspection> Decode(const v1::NodeIntrospection& message) {
  OMNI_ASSIGN_OR_RETURN(auto fields, DecodeNodeFields(message));
  fields.ns = message.namespace_();
  auto ttl = Decode(message.ttl());
  if (!ttl.ok()) return AtField(ttl.status(), "ttl");
  fields.requested_ttl = *ttl;
  return directory::Introspection::Create(std::move(fields));
}

v1::NodeTombstone Encode(const TombstonePayload& tombstone) {
  v1::NodeTombstone message;
  message.set_namespace_(tombstone.ns.value());
  message.set_node_type(tombstone.node_type.value());
  message.set_node_id(tombstone.node_id.value());
  message.set_final_health(Encode(tombstone.final_health));
  *message.mutable_uptime() = Encode(tombstone.uptime);
  message.set_reason_text(tombstone.reason_text);
  return message;
}

absl::StatusOr<TombstonePayload> Decode(const v1::NodeTombstone& message) {
  OMNI_ASSIGN_OR_RETURN(auto ns, ParseName<NamespaceName>(message.namespace_(), "namespace"));
  OMNI_ASSIGN_OR_RETURN(auto node_type, ParseName<NodeType>(message.node_type(), "node_type"));
  OMNI_ASSIGN_OR_RETURN(auto node_id, ParseName<NodeId>(message.node_id(), "node_id"));
  auto health = Decode(message.final_health());
  if (!health.ok()) return AtField(health.status(), "final_health");
  auto uptime = Decode(message.uptime());
  if (uptime.ok() && *uptime < absl::ZeroDuration()) {
    uptime = Reject(Reason::kArgumentInvalid, "negative");
  }
  if (!uptime.ok()) return AtField(uptime.status(), "uptime");
  OMNI_RETURN_IF_ERROR(AtField(directory::CheckReasonText(message.reason_text()), "reason_text"));
  return TombstonePayload{.ns = std::move(ns),
                          .node_type = std::move(node_type),
                          .node_id = std::move(node_id),
                          .final_health = *health,
                          .uptime = *uptime,
                          .reason_text = message.reason_text()};
}

}  // namespace omninode::envelope
