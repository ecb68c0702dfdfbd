#ifndef OMNINODE_COMMON_IDENTITY_VERIFIER_H_
#define OMNINODE_COMMON_IDENTITY_VERIFIER_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"
#include "common/crypto/key.h"
#include "common/identity/principal.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/trust_state.h"

// The one place where a certificate becomes an identity. Pure functions, safe on any thread; they
// cost some 200 us, so results are kept in a CertificateCache.
namespace omninode::identity {

// An identity that was proved at some moment, and what is needed to judge it again later.
struct VerifiedSvid {
  SpiffeId id;
  std::optional<Principal> principal;      // nullopt: another trust domain, or a path without role
  std::vector<crypto::Certificate> chain;  // leaf first, compact; never empty
  crypto::PublicKey key;                   // of the leaf
  crypto::Sha256Digest bundle;             // digest of the bundle that was believed
  absl::Time valid_until;                  // of the whole path

  const crypto::Certificate& leaf() const { return chain.front(); }
  const crypto::Sha256Digest& fingerprint() const { return leaf().fingerprint(); }
};

// Judges a chain (leaf first) as others present it. The bundle is chosen by the leaf's own trust
// domain. Fails with, in this order,
//   CERT_PROFILE, SPIFFE_ID_INVALID    not 1 to crypto::kMaxChain certificates, or not an SVID;
//   TD_MISMATCH                        no bundle for its trust domain;
//   CERT_UNTRUSTED, CERT_EXPIRED       see crypto::VerifyChain;
//   CERT_REVOKED, IDENTITY_BANNED      the leaf or an intermediate; the identity.
absl::StatusOr<VerifiedSvid> VerifySvid(std::span<const std::string> chain_der,
                                        const TrustState& trust, absl::Time now);
absl::StatusOr<VerifiedSvid> VerifySvid(std::vector<crypto::Certificate> chain,
                                        const TrustState& trust, absl::Time now);

using VerifiedSvidPtr = std::shared_ptr<const VerifiedSvid>;

// An identity verified earlier, judged again under `trust`: the same object, or a new one if the
// bundle of its trust domain changed. Only then is the chain decoded and verified anew.
// Fails as VerifySvid. REQUIRES: svid is not null.
absl::StatusOr<VerifiedSvidPtr> RecheckSvid(const VerifiedSvidPtr& svid, const TrustState& trust,
                                            absl::Time now);

// The part that passes with time alone: CERT_EXPIRED.
absl::Status CheckStillValid(const VerifiedSvid& svid, absl::Time now);

}  // namespace omninode::identity

#endif  // OMNINODE_COMMON_IDENTITY_VERIFIER_H_
