#ifndef OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_KEY_STORE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_KEY_STORE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "services/bootstrap/authority/authority.h"

namespace omninode::bootstrap {

// Where an authority's key and certificate are kept. Called by one thread at a time.
class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // Fails with NOT_FOUND when there is none, KEY_FILE_MODE when it is not kept safely, and
  // DATA_LOSS when what is there is no certificate or no key. No message holds any of the key.
  virtual absl::StatusOr<AuthorityKeyPair> Load() = 0;

  // Keeps a new authority. Fails with ALREADY_EXISTS when there is one, or a part of one.
  virtual absl::Status Save(const AuthorityKeyPair& pair) = 0;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_KEY_STORE_H_
