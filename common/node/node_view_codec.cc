#include "common/node/node_view_codec.h"

#include <memory>
#include <utility>

#include "common/base/field_path.h"
#include "common/base/status.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/type_codec.h"

namespace omninode::node {

absl::StatusOr<NodeRecord> Decode(const registry::v1::Node& message) {
  OMNI_ASSIGN_OR_RETURN(auto fields, envelope::DecodeNodeFields(message));
  fields.ns = message.namespace_();
  OMNI_ASSIGN_OR_RETURN(auto introspection, directory::Introspection::Create(std::move(fields)));
  const auto registered_at = envelope::Decode(message.registered_at());
  if (!registered_at.ok()) return AtField(registered_at.status(), "registered_at");
  const auto ttl = envelope::Decode(message.ttl());
  if (!ttl.ok()) return AtField(ttl.status(), "ttl");
  NodeRecord record{.view = std::make_shared<const directory::NodeView>(
                        directory::NodeView{.introspection = std::move(introspection),
                                            .version = message.node_version(),
                                            .registered_at = *registered_at,
                                            .actor = message.actor(),
                                            .decision = message.decision(),
                                            .lease_ttl = *ttl}),
                    .last_sequence = std::nullopt,
                    .evidence = std::nullopt};
  if (message.last_sequence() != 0) record.last_sequence = message.last_sequence();
  if (message.has_evidence()) {
    auto evidence = envelope::Decode(message.evidence());
    if (!evidence.ok()) return AtField(evidence.status(), "evidence");
    record.evidence = *std::move(evidence);
  }
  return record;
}

}  // namespace omninode::node
