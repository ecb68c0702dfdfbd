#include "common/rpc/serve/local_peer.h"

#include "common/base/text.h"

namespace omninode::rpc {

std::optional<LocalPeer> LocalPeerTable::Find(std::string_view grpc_peer) const {
  constexpr std::string_view kPrefix = "fd:";
  if (!grpc_peer.starts_with(kPrefix)) return std::nullopt;
  const auto fd = ParseUint64(grpc_peer.substr(kPrefix.size()));
  if (!fd.has_value()) return std::nullopt;
  MutexLock lock(mutex_);
  const auto found = by_fd_.find(static_cast<int>(*fd));
  if (found == by_fd_.end()) return std::nullopt;
  return found->second;
}

}  // namespace omninode::rpc
