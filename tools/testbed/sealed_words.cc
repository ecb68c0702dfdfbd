#include "tools/testbed/sealed_words.h"

#include "common/base/status.h"
#include "common/crypto/random.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/identity/principal.h"

namespace omninode::testbed {

absl::StatusOr<std::string> SealIntrospection(const directory::Introspection& introspection,
                                              const NetworkId& network, std::uint64_t sequence,
                                              const identity::X509Svid& svid, absl::Time now) {
  return envelope::Seal({.type = envelope::EventType::kNodeIntrospection,
                         .timestamp = now,
                         .audience = {network, introspection.ns()},
                         .sequence = sequence,
                         .payload = envelope::EncodeIntrospection(introspection)},
                        crypto::RandomUuid(), now, svid);
}

absl::StatusOr<std::string> SealTombstone(std::string_view reason_text, const NetworkId& network,
                                          std::uint64_t sequence, const identity::X509Svid& svid,
                                          absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(const auto principal, identity::Principal::From(svid.id()));
  const auto self = identity::AsNode(principal);
  if (!self.has_value()) {
    return Error(absl::StatusCode::kFailedPrecondition, "{} is no node", svid.id().ToString());
  }
  return envelope::Seal(
      {.type = envelope::EventType::kNodeTombstone,
       .timestamp = now,
       .audience = {network, self->namespace_name},
       .sequence = sequence,
       .payload = envelope::EncodeTombstone({.ns = self->namespace_name,
                                             .node_type = self->type,
                                             .node_id = self->id,
                                             .uptime = absl::ZeroDuration(),
                                             .reason_text = std::string(reason_text)})},
      crypto::RandomUuid(), now, svid);
}

}  // namespace omninode::testbed
