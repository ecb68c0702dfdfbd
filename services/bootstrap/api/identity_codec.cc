#include "services/bootstrap/api/identity_codec.h"

#include <optional>
#include <string_view>
#include <utility>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"

namespace omninode::bootstrap {

v1::X509Svid Encode(const IssuedSvid& svid) {
  v1::X509Svid message;
  message.set_spiffe_id(svid.record.id.ToString());
  message.add_certificates(svid.leaf.der());
  *message.mutable_expires_at() = envelope::Encode(svid.leaf.not_after());
  return message;
}

absl::StatusOr<IdentityDesk::AttestationStart> Decode(const v1::BeginAttestationRequest& request) {
  const v1::AttestationStart& start = request.start();
  if (start.evidence_case() != v1::AttestationStart::kJoinToken) {
    return AtField(Reject(Reason::kMsgMalformed, "none that is known here"), "start.evidence");
  }
  if (request.source_address().size() > kMaxSourceAddressBytes) {
    return AtField(Reject(Reason::kMsgMalformed, "longer than {} bytes", kMaxSourceAddressBytes),
                   "source_address");
  }
  std::optional<identity::SpiffeId> expected;
  if (!start.spiffe_id().empty()) {
    auto id = identity::SpiffeId::Parse(start.spiffe_id());
    if (!id.ok()) return AtField(id.status(), "start.spiffe_id");
    expected = *std::move(id);
  }
  return IdentityDesk::AttestationStart{.token_id = start.join_token().token_id(),
                                        .csr_der = start.csr(),
                                        .spiffe_id = std::move(expected),
                                        .source_address = request.source_address()};
}

absl::StatusOr<std::optional<absl::Duration>> DecodeOptional(
    bool given, const google::protobuf::Duration& duration, std::string_view field) {
  if (!given) return std::optional<absl::Duration>();
  const auto decoded = envelope::Decode(duration);
  if (!decoded.ok()) return AtField(decoded.status(), field);
  if (*decoded < absl::ZeroDuration()) {
    return AtField(Reject(Reason::kArgumentInvalid, "below zero"), field);
  }
  return std::optional<absl::Duration>(*decoded);
}

}  // namespace omninode::bootstrap
