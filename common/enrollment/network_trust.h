#ifndef OMNINODE_COMMON_ENROLLMENT_NETWORK_TRUST_H_
#define OMNINODE_COMMON_ENROLLMENT_NETWORK_TRUST_H_

#include <memory>
#include <string>
#include <vector>

#include "common/base/names.h"
#include "common/identity/trust_state.h"

namespace omninode::enrollment {

// Where the services of the network are. A value.
struct NetworkInfo {
  NetworkId network_id;
  std::vector<std::string> bootstrap_addresses;  // host:port
  std::vector<std::string> registry_addresses;   // host:port

  friend bool operator==(const NetworkInfo&, const NetworkInfo&) = default;
};

// What bootstrap tells every member: whom to trust and where to go, as of one sequence.
struct NetworkTrust {
  identity::TrustStatePtr trust;  // never null
  NetworkInfo network;
};
using NetworkTrustPtr = std::shared_ptr<const NetworkTrust>;

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_NETWORK_TRUST_H_
