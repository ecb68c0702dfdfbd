#ifndef OMNINODE_TOOLS_OMNICTL_REMOTE_CLIENT_H_
#define OMNINODE_TOOLS_OMNICTL_REMOTE_CLIENT_H_

#include <memory>
#include <string>

#include <absl/time/time.h>

#include "common/time/clock.h"
#include "tools/omnictl/client.h"

namespace omninode::omnictl {

struct ConnectionOptions {
  std::string identity_dir;  // empty: none
  std::string registry;      // "host:port"; empty: the addresses in the identity folder
  std::string bootstrap;     // likewise
  absl::Duration timeout = absl::Seconds(10);  // of each call
};

// The real world: gRPC with the SVID of the identity folder, HTTP, signals. Connects when first
// asked. The clock outlives it.
std::unique_ptr<Client> MakeRemoteClient(ConnectionOptions options, const Clock& clock);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_REMOTE_CLIENT_H_
