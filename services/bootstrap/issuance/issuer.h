#ifndef OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUER_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUER_H_

#include <optional>
#include <utility>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate_issuer.h"
#include "common/identity/spiffe_id.h"
#include "services/bootstrap/issuance/issue_request.h"

namespace omninode::bootstrap {

// Makes certificates. What it made counts only once its record is stored. Immutable; thread-safe.
class Issuer final {
 public:
  Issuer(identity::TrustDomain trust_domain, crypto::CertificateIssuer signer)
      : trust_domain_(std::move(trust_domain)), signer_(std::move(signer)) {}

  const identity::TrustDomain& trust_domain() const { return trust_domain_; }

  // A leaf and its record. `banned_at`: of a lifted ban of the identity. Asks CheckIssuable and
  // ValidityOf and fails as they do; the other rules are the caller's and the store's.
  absl::StatusOr<IssuedSvid> Issue(const IssueRequest& request, std::optional<absl::Time> banned_at,
                                   absl::Time now) const;

 private:
  const identity::TrustDomain trust_domain_;
  const crypto::CertificateIssuer signer_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUER_H_
