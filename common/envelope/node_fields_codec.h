#ifndef OMNINODE_COMMON_ENVELOPE_NODE_FIELDS_CODEC_H_
#define OMNINODE_COMMON_ENVELOPE_NODE_FIELDS_CODEC_H_

#include <string>
#include <utility>

#include <absl/status/statusor.h>

#include "common/base/field_path.h"
#include "common/directory/introspection.h"
#include "common/envelope/type_codec.h"

namespace omninode::envelope {

// The description of a node stands in several messages (NodeIntrospection, TopologyChange,
// registry.v1.Node) under the same field names: node_id, node_type, software_version, endpoints,
// capabilities, labels, epoch, health. The namespace and the lease time, which mean something else
// in each, are left to the caller.
template <typename Message>
void EncodeNodeFields(const directory::Introspection& node, Message* message) {
  message->set_node_type(node.node_type().value());
  message->set_node_id(node.node_id().value());
  message->set_software_version(node.version());
  for (const auto& endpoint : node.endpoints()) *message->add_endpoints() = Encode(endpoint);
  for (const auto& capability : node.capabilities()) {
    *message->add_capabilities() = Encode(capability);
  }
  for (const auto& label : node.labels()) *message->add_labels() = Encode(label);
  message->set_epoch(node.epoch());
  message->set_health(Encode(node.health()));
}

// The unchecked fields, for Introspection::Create. MSG_MALFORMED for an unknown health.
template <typename Message>
absl::StatusOr<directory::Introspection::Fields> DecodeNodeFields(const Message& message) {
  auto health = Decode(message.health());
  if (!health.ok()) return AtField(health.status(), "health");
  directory::Introspection::Fields fields{.node_type = message.node_type(),
                                          .node_id = message.node_id(),
                                          .version = message.software_version(),
                                          .epoch = message.epoch(),
                                          .health = *health};
  for (const auto& item : message.endpoints()) {
    fields.endpoints.emplace_back(item.name(), item.url());
  }
  for (const auto& item : message.capabilities()) {
    fields.capabilities.emplace_back(item.name(), item.value());
  }
  for (const auto& item : message.labels()) fields.labels.emplace_back(item.name(), item.value());
  return fields;
}

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_NODE_FIELDS_CODEC_H_
