#ifndef OMNINODE_COMMON_IDENTITY_SVID_PROFILE_H_
#define OMNINODE_COMMON_IDENTITY_SVID_PROFILE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/crypto/certificate.h"
#include "common/identity/spiffe_id.h"

// The X.509-SVID standard's rules on one certificate, apart from signatures, time and trust.
// Pure functions.
namespace omninode::identity {

// The SPIFFE ID of a leaf: exactly one URI SAN with a path; cA=false; keyUsage critical with
// digitalSignature and without keyCertSign and cRLSign; extended key usage absent, or with both
// serverAuth and clientAuth; no unknown critical extension; a key that can sign here.
// Fails with CERT_PROFILE, or SPIFFE_ID_INVALID when the URI is not a SPIFFE ID.
absl::StatusOr<SpiffeId> CheckLeafProfile(const crypto::Certificate& leaf);

// A signing certificate: cA=true, keyUsage critical with keyCertSign, at most one URI SAN and that
// one without path. It need not be an SVID: a company's root is not. Fails with CERT_PROFILE.
absl::Status CheckSigningProfile(const crypto::Certificate& authority);

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_SVID_PROFILE_H_
