#include "common/identity/x509_svid.h"

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/chain.h"
#include "common/crypto/pem.h"
#include "common/crypto/tls_pair.h"
#include "common/identity/svid_profile.h"

namespace omninode::identity {

absl::StatusOr<X509Svid> X509Svid::Create(std::vector<crypto::Certificate> chain,
                                          crypto::PrivateKey key) {
  if (chain.empty() || chain.size() > crypto::kMaxChain) {
    return Reject(Reason::kCertProfile, "an SVID has 1 to {} certificates, not {}",
                  crypto::kMaxChain, chain.size());
  }
  OMNI_ASSIGN_OR_RETURN(SpiffeId id, CheckLeafProfile(chain.front()));
  OMNI_RETURN_IF_ERROR(crypto::CheckKeyMatches(chain.front(), key));
  return X509Svid(std::move(id), std::move(chain), std::move(key));
}

absl::StatusOr<X509Svid> X509Svid::FromPem(std::string_view chain_pem, std::string_view key_pem) {
  OMNI_ASSIGN_OR_RETURN(const std::vector<std::string> ders,
                        crypto::CertificatesFromPem(chain_pem));
  std::vector<crypto::Certificate> chain;
  for (const std::string& der : ders) {
    OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
    chain.push_back(std::move(certificate));
  }
  OMNI_ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::FromPkcs8Pem(key_pem));
  return Create(std::move(chain), std::move(key));
}

std::vector<std::string> X509Svid::chain_der() const {
  std::vector<std::string> ders;
  for (const crypto::Certificate& certificate : chain_) ders.push_back(certificate.der());
  return ders;
}

std::string X509Svid::chain_pem() const { return crypto::CertificatesToPem(chain_der()); }

}  // namespace omninode::identity
