#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_NETWORK_MAP_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_NETWORK_MAP_H_

#include <string>
#include <vector>

#include "common/base/names.h"
#include "common/concurrency/snapshot.h"
#include "common/identity/spiffe_id.h"

namespace omninode::bootstrap {

// Where members and newcomers find the network's services. A value.
struct NetworkMap {
  NetworkId network_id;
  identity::TrustDomain trust_domain;
  std::vector<std::string> bootstrap_addresses;  // host:port
  std::vector<std::string> registry_addresses;   // host:port
  std::string attestor_address;                  // host:port
};

// Never null. A snapshot, because the own port may be known only when the server listens.
using NetworkMapSource = Snapshot<NetworkMap>;

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_NETWORK_MAP_H_
