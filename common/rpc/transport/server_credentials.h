#ifndef OMNINODE_COMMON_RPC_TRANSPORT_SERVER_CREDENTIALS_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_SERVER_CREDENTIALS_H_

#include <cstdint>
#include <memory>

#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"

namespace grpc {
class ServerCredentials;
}
namespace omninode::telemetry {
class Logger;
}

namespace omninode::rpc {

enum class ClientCertificate : std::uint8_t {
  kRequired,  // and verified against the bundle of the own trust domain
  kNone,      // not asked for: the attestor, whose callers have none yet
};

// TLS for listeners that read SVID and trust anew at each handshake, so that a rotation is seen by
// the next connection and open ones live on. A handshake for which the sources have nothing usable
// takes the last good certificates; a server that never had any does not start.
// The sources and the logger outlive the server that uses it. Thread-safe.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(ClientCertificate client,
                                                               const identity::SvidSource& svids,
                                                               const identity::TrustSource& trust,
                                                               telemetry::Logger& logger);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_SERVER_CREDENTIALS_H_
