#ifndef OMNINODE_COMMON_RPC_SERVE_LOCAL_PEER_H_
#define OMNINODE_COMMON_RPC_SERVE_LOCAL_PEER_H_

#include <optional>
#include <string_view>
#include <unordered_map>

#include <sys/types.h>

#include "common/base/mutex.h"

namespace omninode::rpc {

// A process of this host, as the kernel knows it (SO_PEERCRED).
struct LocalPeer {
  pid_t pid = 0;
  uid_t uid = 0;
  friend bool operator==(const LocalPeer&, const LocalPeer&) = default;
};

// Which process is behind which connection of a Unix socket. The listener writes it when it
// accepts; a descriptor that is used again is written again, before gRPC can see a call on it.
// There are never more entries than the process may have descriptors. Thread-safe.
class LocalPeerTable final {
 public:
  void Accepted(int fd, LocalPeer peer) {
    MutexLock lock(mutex_);
    by_fd_[fd] = peer;
  }

  // `grpc_peer` is what gRPC calls the peer: "fd:8" for these connections. nullopt for others:
  // a network peer's name always begins with its protocol.
  std::optional<LocalPeer> Find(std::string_view grpc_peer) const;

 private:
  mutable Mutex mutex_;
  std::unordered_map<int, LocalPeer> by_fd_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_LOCAL_PEER_H_
