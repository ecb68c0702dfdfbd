#ifndef OMNINODE_SERVICES_BOOTSTRAP_SETUP_NETWORK_H_
#define OMNINODE_SERVICES_BOOTSTRAP_SETUP_NETWORK_H_

#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/identity/spiffe_id.h"
#include "services/bootstrap/authority/authority.h"
#include "services/bootstrap/store/bootstrap_store.h"

namespace omninode::bootstrap {

inline constexpr std::string_view kDatabaseFile = "bootstrap.db";

struct InitializeOptions {
  std::string data_dir;  // its parent must exist
  NetworkId network_id;
  identity::TrustDomain trust_domain;
  absl::Duration ca_ttl = kDefaultCaTtl;
};

// Makes folder, authority and database of a new network. ALREADY_EXISTS, and nothing is changed,
// when the folder has a network or a part of one; ARGUMENT_INVALID for a bad ca_ttl, before
// anything is made; KEY_FILE_MODE when others have rights on the folder; else as the file system,
// the key store and the database fail.
absl::Status InitializeNetwork(const InitializeOptions& options, absl::Time now);

struct OpenedNetwork {
  NetworkInfo info;
  Authority authority;
  std::unique_ptr<BootstrapStore> store;
};

// Opens what InitializeNetwork made. NOT_FOUND when there is no network, saying which command makes
// one; UNAVAILABLE when another process has it; KEY_FILE_MODE, DATA_LOSS, SCHEMA_VERSION as key
// store and database fail; FAILED_PRECONDITION when the key is of another network.
absl::StatusOr<OpenedNetwork> OpenNetwork(const std::string& data_dir, absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_SETUP_NETWORK_H_
