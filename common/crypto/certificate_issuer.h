#ifndef OMNINODE_COMMON_CRYPTO_CERTIFICATE_ISSUER_H_
#define OMNINODE_COMMON_CRYPTO_CERTIFICATE_ISSUER_H_

#include <cstddef>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/key.h"

namespace omninode::crypto {

inline constexpr std::size_t kMaxDnsSans = 16;
inline constexpr std::size_t kSerialBytes = 16;

// What the server decided about a leaf. Nothing of it comes from a certification request but `key`.
struct LeafTemplate {
  std::string uri;               // a SPIFFE ID with a path
  std::vector<std::string> dns;  // at most kMaxDnsSans
  PublicKey key;
  absl::Time not_before;
  absl::Time not_after;
  std::string serial;  // kSerialBytes random bytes: RandomBytes(kSerialBytes)
};

struct CaTemplate {
  std::string uri;  // "spiffe://<trust domain>"
  std::string common_name;
  absl::Time not_before;
  absl::Time not_after;
};

// A self-signed authority: cA, keyCertSign and cRLSign critical, a URI SAN without path, and a
// serialNumber in the subject, so that no two authorities share a name. Fails with InvalidArgument.
absl::StatusOr<Certificate> CreateSelfSignedCa(const CaTemplate& ca, const PrivateKey& key);

// Signs with an authority's key. Immutable, cheap to copy, thread-safe. Invalid templates fail with
// InvalidArgument: they are mistakes of the caller, who has judged all outside input before.
class CertificateIssuer final {
 public:
  // Fails when `ca` may not sign certificates, has no subject key id, or `key` is not its key.
  static absl::StatusOr<CertificateIssuer> Create(Certificate ca, PrivateKey key);

  const Certificate& ca() const { return ca_; }

  // The X.509-SVID profile: subject O=OmniNode, the URI and the DNS names as subject alternative
  // names, digitalSignature (critical), serverAuth and clientAuth, cA=false (critical), key ids.
  // The life is capped by the authority's; FailedPrecondition when nothing of it is left.
  absl::StatusOr<Certificate> IssueLeaf(const LeafTemplate& leaf) const;
  // The same without parsing the result, for issuing thousands per second.
  absl::StatusOr<std::string> IssueLeafDer(const LeafTemplate& leaf) const;

  // An authority below this one.
  absl::StatusOr<Certificate> IssueCa(const CaTemplate& ca, const PublicKey& key) const;

 private:
  CertificateIssuer(Certificate ca, PrivateKey key, std::string authority_key_id);

  Certificate ca_;
  PrivateKey key_;
  std::string authority_key_id_;  // bytes
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CERTIFICATE_ISSUER_H_
