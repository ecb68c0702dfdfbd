#include "common/identity/trust_bundle.h"

#include <algorithm>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/pem.h"
#include "common/identity/svid_profile.h"

namespace omninode::identity {
namespace {

bool ByFingerprint(const crypto::Certificate& a, const crypto::Certificate& b) {
  return a.fingerprint() < b.fingerprint();
}

crypto::Sha256Digest DigestOf(const TrustDomain& trust_domain,
                              const std::vector<crypto::Certificate>& roots) {
  crypto::Sha256Hasher hasher;
  hasher.Update(trust_domain.name());
  hasher.Update("/");
  for (const crypto::Certificate& root : roots) {
    hasher.Update(crypto::DigestBytes(root.fingerprint()));
  }
  return hasher.Finish();
}

}  // namespace

TrustBundle::TrustBundle(TrustDomain trust_domain, std::vector<crypto::Certificate> roots)
    : trust_domain_(std::move(trust_domain)),
      roots_(std::move(roots)),
      digest_(DigestOf(trust_domain_, roots_)) {}

absl::StatusOr<TrustBundle> TrustBundle::Create(TrustDomain trust_domain,
                                                std::vector<crypto::Certificate> roots) {
  for (const crypto::Certificate& root : roots) {
    OMNI_RETURN_IF_ERROR(CheckSigningProfile(root));
  }
  std::sort(roots.begin(), roots.end(), ByFingerprint);
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  if (roots.size() > kMaxRoots) {
    return Reject(Reason::kArgumentInvalid, "bundle of {}: {} roots, at most {} are allowed",
                  trust_domain.name(), roots.size(), kMaxRoots);
  }
  return TrustBundle(std::move(trust_domain), std::move(roots));
}

absl::StatusOr<TrustBundle> TrustBundle::FromPem(TrustDomain trust_domain, std::string_view pem) {
  OMNI_ASSIGN_OR_RETURN(const std::vector<std::string> ders, crypto::CertificatesFromPem(pem));
  std::vector<crypto::Certificate> roots;
  for (const std::string& der : ders) {
    OMNI_ASSIGN_OR_RETURN(crypto::Certificate root, crypto::Certificate::FromDer(der));
    roots.push_back(std::move(root));
  }
  return Create(std::move(trust_domain), std::move(roots));
}

std::string TrustBundle::ToPem() const {
  std::vector<std::string> ders;
  for (const crypto::Certificate& root : roots_) ders.push_back(root.der());
  return crypto::CertificatesToPem(ders);
}

absl::StatusOr<BundleSet> BundleSet::Create(std::vector<TrustBundle> bundles) {
  if (bundles.size() > kMaxTrustDomains) {
    return Reject(Reason::kArgumentInvalid, "{} trust domains, at most {} are allowed",
                  bundles.size(), kMaxTrustDomains);
  }
  BundleSet set;
  for (TrustBundle& bundle : bundles) {
    TrustDomain trust_domain = bundle.trust_domain();
    if (!set.bundles_.try_emplace(trust_domain, std::move(bundle)).second) {
      return Reject(Reason::kArgumentInvalid, "two bundles of trust domain {}",
                    trust_domain.name());
    }
  }
  return set;
}

const TrustBundle* BundleSet::Find(const TrustDomain& trust_domain) const {
  const auto found = bundles_.find(trust_domain);
  return found == bundles_.end() ? nullptr : &found->second;
}

}  // namespace omninode::identity
