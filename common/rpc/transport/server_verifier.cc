#include "common/rpc/transport/server_verifier.h"

#include <string>
#include <vector>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/pem.h"
#include "common/identity/verifier.h"

namespace omninode::rpc {

absl::Status CheckServer(std::string_view chain_pem, const ExpectedPeer& expected,
                         const identity::TrustStatePtr& trust, absl::Time now) {
  if (trust == nullptr) return Reject(Reason::kTrustStale, "nothing is known to trust yet");
  OMNI_ASSIGN_OR_RETURN(const std::vector<std::string> chain,
                        crypto::CertificatesFromPem(chain_pem));
  OMNI_ASSIGN_OR_RETURN(const identity::VerifiedSvid server,
                        identity::VerifySvid(chain, *trust, now));
  if (server.id.trust_domain() != trust->own) {
    return Reject(Reason::kTdMismatch, "the server is {} of another trust domain",
                  server.id.ToString());
  }
  if (!expected(server.id)) {
    return Reject(Reason::kIdentityMismatch, "the server is {}, which is not expected there",
                  server.id.ToString());
  }
  return absl::OkStatus();
}

}  // namespace omninode::rpc
