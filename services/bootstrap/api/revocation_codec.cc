#include "services/bootstrap/api/revocation_codec.h"

#include <variant>

#include "common/envelope/type_codec.h"
#include "services/bootstrap/api/trust_codec.h"

namespace omninode::bootstrap {

v1::TrustPropagation Encode(const Propagation& propagation) {
  v1::TrustPropagation message;
  message.set_sequence(propagation.sequence);
  for (const auto& id : propagation.applied) message.add_applied(id.ToString());
  for (const auto& id : propagation.lagging) message.add_lagging(id.ToString());
  return message;
}

v1::Revocation Encode(const RevocationDesk::Item& item) {
  v1::Revocation message;
  if (const auto* revoked = std::get_if<CertificateRevocation>(&item)) {
    *message.mutable_certificate() = Encode(*revoked);
    message.set_reason_text(revoked->reason_text);
    message.set_actor(revoked->actor);
    *message.mutable_time() = envelope::Encode(revoked->revoked_at);
    return message;
  }
  const auto& ban = std::get<IdentityBan>(item);
  *message.mutable_identity() = Encode(ban);
  message.set_reason_text(ban.reason_text);
  message.set_actor(ban.actor);
  *message.mutable_time() = envelope::Encode(ban.banned_at);
  return message;
}

}  // namespace omninode::bootstrap
