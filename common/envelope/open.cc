#include "common/envelope/open.h"

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/dsse.h"

namespace omninode::envelope {
namespace {

absl::Status CheckSignerName(const RawEnvelope& envelope, const crypto::Certificate& leaf) {
  const auto& uris = leaf.uri_sans();
  if (uris.size() == 1 && uris.front() == envelope.spiffe_id) return absl::OkStatus();
  return Reject(Reason::kIdentityMismatch, "the envelope names '{}', its certificate '{}'",
                EscapeForDisplay(envelope.spiffe_id, 256),
                EscapeForDisplay(uris.empty() ? "" : uris.front(), 256));
}

absl::Status CheckSignature(const RawEnvelope& envelope, const crypto::Certificate& leaf) {
  if (!leaf.public_key().ok()) return leaf.public_key().status();
  return leaf.public_key()->Verify(envelope.algorithm,
                                   PreAuthenticationEncoding(kPayloadType, envelope.body),
                                   envelope.signature);
}

}  // namespace

absl::StatusOr<Body> VerifyAndDecode(const RawEnvelope& envelope, const crypto::Certificate& leaf,
                                     Strictness strictness) {
  OMNI_RETURN_IF_ERROR(CheckSignerName(envelope, leaf));
  OMNI_RETURN_IF_ERROR(CheckSignature(envelope, leaf));
  OMNI_ASSIGN_OR_RETURN(Body body, DecodeBody(envelope.body, strictness));
  if (body.leaf_fingerprint != leaf.fingerprint()) {
    return Reject(Reason::kSigInvalid, "the body was signed for certificate {}, not for {}",
                  crypto::DigestHex(body.leaf_fingerprint), crypto::DigestHex(leaf.fingerprint()));
  }
  return body;
}

}  // namespace omninode::envelope
