#include "services/registry/store/stored_node.h"

#include <algorithm>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/payload.h"

namespace omninode::registry {
namespace {

// What was admitted once stays readable: a later, stricter program must not lose nodes over it, so
// unknown fields are ignored here.
absl::StatusOr<directory::Introspection> DescriptionIn(const Evidence& evidence) {
  constexpr auto kLenient = envelope::Strictness::kIgnoreUnknown;
  OMNI_ASSIGN_OR_RETURN(const envelope::Body body, envelope::DecodeBody(evidence.body, kLenient));
  if (body.type != envelope::EventType::kNodeIntrospection) {
    return Error(absl::StatusCode::kDataLoss, "it is a {}", NameOf(body.type));
  }
  return envelope::DecodeIntrospection(body.payload, kLenient);
}

}  // namespace

absl::StatusOr<NodePtr> RebuildNode(const NamespaceName& ns, StoredNode stored,
                                    EvidencePtr evidence) {
  const auto description = DescriptionIn(*evidence);
  if (!description.ok()) {
    return Error(absl::StatusCode::kDataLoss, "evidence of node '{}' in namespace '{}': {}",
                 stored.id.value(), ns.value(), Message(description.status()));
  }
  if (description->ns() != ns || description->node_id() != stored.id) {
    return Error(absl::StatusCode::kDataLoss,
                 "evidence of node '{}' in namespace '{}' describes '{}' in '{}'",
                 stored.id.value(), ns.value(), description->node_id().value(),
                 description->ns().value());
  }
  auto view = std::make_shared<directory::NodeView>(
      directory::NodeView{.introspection = description->WithHealth(stored.health),
                          .version = stored.version,
                          .registered_at = stored.registered_at,
                          .actor = std::move(stored.actor),
                          .decision = std::move(stored.decision),
                          .lease_ttl = stored.ttl});
  return std::make_shared<const Node>(Node{.view = std::move(view),
                                           .lease = stored.lease,
                                           .last_message = std::move(stored.last_message),
                                           .signer = std::move(stored.signer),
                                           .evidence = std::move(evidence)});
}

absl::StatusOr<crypto::Sha256Digest> DigestFromStored(std::string_view bytes) {
  crypto::Sha256Digest digest;
  if (bytes.size() != digest.size()) {
    return Error(absl::StatusCode::kDataLoss, "a stored digest has {} bytes", bytes.size());
  }
  std::ranges::copy(AsBytes(bytes), digest.begin());
  return digest;
}

}  // namespace omninode::registry
