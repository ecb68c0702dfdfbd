#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_ACTOR_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_ACTOR_H_

#include <string>
#include <vector>

#include "common/crypto/key.h"

namespace omninode::rejections {

// Somebody with a key and a certificate, sound or not: unlike X509Svid nothing is checked. A value.
struct Actor {
  std::string spiffe_id;               // what it says to be
  std::vector<std::string> chain_der;  // leaf first
  crypto::PrivateKey key;
};

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_ACTOR_H_
