#ifndef OMNINODE_COMMON_RPC_TRANSPORT_SERVER_VERIFIER_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_SERVER_VERIFIER_H_

#include <string_view>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/identity/trust_state.h"
#include "common/rpc/transport/channel.h"

namespace omninode::rpc {

// Whether a server that shows `chain_pem` (leaf first) is the expected one. `trust` may be null:
// then nobody is. Pure. Fails as identity::VerifySvid, and with TD_MISMATCH or IDENTITY_MISMATCH
// for somebody else.
absl::Status CheckServer(std::string_view chain_pem, const ExpectedPeer& expected,
                         const identity::TrustStatePtr& trust, absl::Time now);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_SERVER_VERIFIER_H_
