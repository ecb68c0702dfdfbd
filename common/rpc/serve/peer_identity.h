#ifndef OMNINODE_COMMON_RPC_SERVE_PEER_IDENTITY_H_
#define OMNINODE_COMMON_RPC_SERVE_PEER_IDENTITY_H_

#include <memory>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/identity/certificate_cache.h"
#include "common/identity/trust_state.h"
#include "common/identity/verifier.h"

namespace grpc {
class AuthContext;
}

namespace omninode::rpc {

// The identity of a connection's other end, by our own verifier and under `trust`. What gRPC thinks
// of the certificate (its peer_spiffe_id) is not asked: it checks less. `cache` is keyed by the
// PEM text of the leaf, so that only the first call of a peer parses.
// Fails with IDENTITY_MISSING without a certificate, else as identity::VerifySvid. Thread-safe.
absl::StatusOr<std::shared_ptr<const identity::VerifiedSvid>> IdentifyPeer(
    const grpc::AuthContext& peer, identity::CertificateCache& cache,
    const identity::TrustState& trust, absl::Time now);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_PEER_IDENTITY_H_
