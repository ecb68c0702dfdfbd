#include "common/rpc/serve/peer_identity.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/crypto/pem.h"

namespace omninode::rpc {
namespace {

std::string_view Property(const grpc::AuthContext& peer, const char* name) {
  const std::vector<grpc::string_ref> values = peer.FindPropertyValues(name);
  if (values.empty()) return {};
  return {values.front().data(), values.front().size()};
}

// The leaf, then what the peer sent with it. On a server OpenSSL's chain lacks the leaf, on a
// client it begins with it.
absl::StatusOr<std::vector<std::string>> ChainOf(std::string_view leaf_pem,
                                                 std::string_view chain_pem) {
  OMNI_ASSIGN_OR_RETURN(std::vector<std::string> chain, crypto::CertificatesFromPem(leaf_pem));
  if (chain_pem.empty()) return chain;
  OMNI_ASSIGN_OR_RETURN(std::vector<std::string> rest, crypto::CertificatesFromPem(chain_pem));
  for (std::string& der : rest) {
    if (der != chain.front()) chain.push_back(std::move(der));
  }
  return chain;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const identity::VerifiedSvid>> IdentifyPeer(
    const grpc::AuthContext& peer, identity::CertificateCache& cache,
    const identity::TrustState& trust, absl::Time now) {
  const std::string_view leaf = Property(peer, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (leaf.empty()) return Reject(Reason::kIdentityMissing, "the peer has no certificate");
  return cache.Get(crypto::Sha256(leaf), trust, now,
                   [&]() -> absl::StatusOr<identity::VerifiedSvid> {
                     OMNI_ASSIGN_OR_RETURN(
                         const std::vector<std::string> chain,
                         ChainOf(leaf, Property(peer, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)));
                     return identity::VerifySvid(chain, trust, now);
                   });
}

}  // namespace omninode::rpc
