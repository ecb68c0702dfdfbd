#ifndef OMNINODE_COMMON_ENVELOPE_OPEN_H_
#define OMNINODE_COMMON_ENVELOPE_OPEN_H_

#include <absl/status/statusor.h>

#include "common/crypto/certificate.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/raw_envelope.h"
#include "common/envelope/wire_scan.h"

namespace omninode::envelope {

// What the envelope says, once its signature is found to be made by `leaf` over exactly the bytes
// that are then parsed. `leaf` is a certificate that the caller has verified (chain, validity,
// revocation); whether the signer may say it, when and to whom, is judged by the caller too. Pure.
// Fails with, in this order,
//   IDENTITY_MISMATCH  the envelope names another SPIFFE ID than the leaf's only URI SAN;
//   CERT_PROFILE       the leaf's key is of a kind that nodes may not have;
//   ALG_REJECTED       the algorithm is not the one of the leaf's kind of key;
//   SIG_INVALID        the signature was not made by the leaf's key over the body as received;
//   as DecodeBody      only now are the bytes looked into;
//   SIG_INVALID        the body was signed for another certificate of the same key.
absl::StatusOr<Body> VerifyAndDecode(const RawEnvelope& envelope, const crypto::Certificate& leaf,
                                     Strictness strictness);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_OPEN_H_
