#include "common/identity/verifier.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/chain.h"
#include "common/identity/svid_profile.h"

namespace omninode::identity {
namespace {

absl::Status CheckLength(std::size_t size) {
  if (size >= 1 && size <= crypto::kMaxChain) return absl::OkStatus();
  return Reject(Reason::kCertProfile, "chain of {} certificates, allowed are 1 to {}", size,
                crypto::kMaxChain);
}

absl::StatusOr<const TrustBundle*> BundleFor(const SpiffeId& id, const TrustState& trust) {
  const TrustBundle* bundle = trust.bundles.Find(id.trust_domain());
  if (bundle == nullptr) {
    return Reject(Reason::kTdMismatch, "trust domain {} is not known here",
                  id.trust_domain().name());
  }
  return bundle;
}

absl::Status CheckRevocations(const SpiffeId& id, std::span<const crypto::Certificate> chain,
                              const Revocations& revocations) {
  for (const crypto::Certificate& certificate : chain) {
    if (revocations.IsRevoked(certificate)) {
      return Reject(Reason::kCertRevoked, "certificate {} of {} is revoked",
                    certificate.serial_hex(), id.ToString());
    }
  }
  if (revocations.IsBanned(id, chain.front().not_before())) {
    if (revocations.IsBanned(id, absl::InfiniteFuture())) {
      return Reject(Reason::kIdentityBanned, "{} is banned", id.ToString());
    }
    return Reject(Reason::kIdentityBanned,
                  "this certificate of {} is from before the end of a ban; get a new one",
                  id.ToString());
  }
  return absl::OkStatus();
}

std::optional<Principal> RoleOf(const SpiffeId& id, const TrustDomain& own) {
  // A path of another trust domain is that domain's business, however familiar it looks.
  if (id.trust_domain() != own) return std::nullopt;
  absl::StatusOr<Principal> principal = Principal::From(id);
  if (!principal.ok()) return std::nullopt;
  return *std::move(principal);
}

}  // namespace

absl::StatusOr<VerifiedSvid> VerifySvid(std::span<const std::string> chain_der,
                                        const TrustState& trust, absl::Time now) {
  OMNI_RETURN_IF_ERROR(CheckLength(chain_der.size()));
  std::vector<crypto::Certificate> chain;
  for (const std::string& der : chain_der) {
    OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
    chain.push_back(std::move(certificate));
  }
  return VerifySvid(std::move(chain), trust, now);
}

absl::StatusOr<VerifiedSvid> VerifySvid(std::vector<crypto::Certificate> chain,
                                        const TrustState& trust, absl::Time now) {
  OMNI_RETURN_IF_ERROR(CheckLength(chain.size()));
  const crypto::Certificate leaf = chain.front();
  OMNI_ASSIGN_OR_RETURN(SpiffeId id, CheckLeafProfile(leaf));
  OMNI_ASSIGN_OR_RETURN(const TrustBundle* bundle, BundleFor(id, trust));
  OMNI_ASSIGN_OR_RETURN(
      const absl::Time valid_until,
      crypto::VerifyChain(leaf, std::span(chain).subspan(1), bundle->roots(), now));
  OMNI_RETURN_IF_ERROR(CheckRevocations(id, chain, trust.revocations));
  std::optional<Principal> principal = RoleOf(id, trust.own);
  // What comes out is kept by the thousands.
  for (crypto::Certificate& certificate : chain) certificate = certificate.Compact();
  return VerifiedSvid{std::move(id),      std::move(principal), std::move(chain),
                      *leaf.public_key(), bundle->digest(),     valid_until};
}

absl::StatusOr<VerifiedSvidPtr> RecheckSvid(const VerifiedSvidPtr& svid, const TrustState& trust,
                                            absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(const TrustBundle* bundle, BundleFor(svid->id, trust));
  if (bundle->digest() != svid->bundle) {
    OMNI_ASSIGN_OR_RETURN(VerifiedSvid again, VerifySvid(svid->chain, trust, now));
    return std::make_shared<const VerifiedSvid>(std::move(again));
  }
  OMNI_RETURN_IF_ERROR(CheckStillValid(*svid, now));
  OMNI_RETURN_IF_ERROR(CheckRevocations(svid->id, svid->chain, trust.revocations));
  return svid;
}

absl::Status CheckStillValid(const VerifiedSvid& svid, absl::Time now) {
  if (now < svid.valid_until) return absl::OkStatus();
  return Reject(Reason::kCertExpired, "the certificates of {} ended at {}", svid.id.ToString(),
                omninode::FormatTime(svid.valid_until));
}

}  // namespace omninode::identity
