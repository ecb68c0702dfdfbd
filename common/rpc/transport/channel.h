#ifndef OMNINODE_COMMON_RPC_TRANSPORT_CHANNEL_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_CHANNEL_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/mutex.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"
#include "common/time/clock.h"

namespace grpc {
class Channel;
}

namespace omninode::rpc {

// Who may be at the other end. The trust domain must be the own one in any case.
using ExpectedPeer = std::function<bool(const identity::SpiffeId&)>;
ExpectedPeer ExpectService(std::string_view name);  // any /service/<name>/<instance>
ExpectedPeer ExpectId(identity::SpiffeId id);

// A client's way to one address, over TLS with the SVID of the moment. The server is verified by
// our verifier under the current trust, and must be the expected one; host names play no part.
//
// Thread-safe. Clock and sources outlive it and every channel it gave.
class RotatingChannel final {
 public:
  struct Options {
    std::string address;  // "10.0.0.7:7110"
    ExpectedPeer expected;
    const identity::SvidSource* svids = nullptr;  // null: no certificate is shown (attestation)
    const identity::TrustSource* trust = nullptr;
    const Clock* clock = nullptr;
    int max_receive_message_bytes = 16 * 1024 * 1024;
  };

  explicit RotatingChannel(Options options);
  ~RotatingChannel();
  RotatingChannel(const RotatingChannel&) = delete;
  RotatingChannel& operator=(const RotatingChannel&) = delete;

  // The channel of the current SVID: the same as last time, or a new one after a rotation, which
  // begins to connect at once. Calls and streams on an older one keep it alive until they end.
  // Get it for each call or stream. Never null: without an SVID yet, calls fail with UNAVAILABLE.
  std::shared_ptr<grpc::Channel> Get();

 private:
  std::shared_ptr<grpc::Channel> Make(const identity::X509SvidPtr& svid) const;

  const Options options_;
  Mutex mutex_;
  identity::X509SvidPtr svid_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<grpc::Channel> channel_ ABSL_GUARDED_BY(mutex_);
};

// To a Unix socket of this host: plain, the kernel and the folder's mode say who is there.
std::shared_ptr<grpc::Channel> LocalChannel(const std::string& path);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_CHANNEL_H_
