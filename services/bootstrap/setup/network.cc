#include "services/bootstrap/setup/network.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "services/bootstrap/authority/file_key_store.h"
#include "services/bootstrap/store/sqlite_bootstrap_store.h"

namespace omninode::bootstrap {
namespace {

std::string DatabasePath(const std::string& data_dir) {
  return fmt::format("{}/{}", data_dir, kDatabaseFile);
}

absl::Status NoNetwork(const std::string& data_dir) {
  return Error(absl::StatusCode::kNotFound,
               "{0} has no network; make one with `omninode-bootstrap init --data-dir {0} "
               "--network NAME --trust-domain NAME`",
               data_dir);
}

// A key without a database: what makes a network must not be thrown away with advice to init.
absl::Status DatabaseLost(const std::string& data_dir) {
  return Error(absl::StatusCode::kDataLoss,
               "{0} has the key of a network, but {1} is missing or empty; restore {1} from a "
               "backup",
               data_dir, kDatabaseFile);
}

absl::Status NothingStored(const std::string& data_dir) {
  return FileKeyStore(data_dir).Load().ok() ? DatabaseLost(data_dir) : NoNetwork(data_dir);
}

// An empty database of an interrupted init is fine; one with a network is not.
absl::Status CheckNoNetwork(BootstrapStore& store, const std::string& data_dir) {
  OMNI_ASSIGN_OR_RETURN(const std::optional<NetworkInfo> network, store.LoadNetwork());
  if (!network.has_value()) return absl::OkStatus();
  return WithExitCode(Error(absl::StatusCode::kAlreadyExists,
                            "{0} has the network {1} of trust domain {2} already; start it with "
                            "`omninode-bootstrap run --data-dir {0}` or name another folder",
                            data_dir, network->network_id.value(), network->trust_domain.name()),
                      ExitCode::kConfiguration);
}

absl::Status SaveAuthority(const AuthorityKeyPair& pair, const std::string& data_dir) {
  const absl::Status saved = FileKeyStore(data_dir).Save(pair);
  if (!absl::IsAlreadyExists(saved)) return saved;
  return Error(
      absl::StatusCode::kAlreadyExists,
      "{0}, but {1} has no network: if it ever had one, restore {1}/{2} from a backup; only "
      "if an earlier init was interrupted, remove the folder and run init again",
      Message(saved), data_dir, kDatabaseFile);
}

absl::StatusOr<Authority> LoadAuthority(const identity::TrustDomain& trust_domain,
                                        const std::string& data_dir) {
  OMNI_ASSIGN_OR_RETURN(AuthorityKeyPair pair, FileKeyStore(data_dir).Load());
  absl::StatusOr<Authority> authority = Authority::Create(trust_domain, std::move(pair));
  if (authority.ok()) return authority;
  return Error(absl::StatusCode::kFailedPrecondition,
               "key, certificate and database in {} do not belong together: {}", data_dir,
               Message(authority.status()));
}

}  // namespace

absl::Status InitializeNetwork(const InitializeOptions& options, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(const AuthorityKeyPair pair,
                        CreateAuthority(options.trust_domain, options.ca_ttl, now));
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(options.data_dir));
  // From here the database's lock keeps out a second init and a running service.
  OMNI_ASSIGN_OR_RETURN(const std::unique_ptr<BootstrapStore> store,
                        SqliteBootstrapStore::Open(DatabasePath(options.data_dir), now));
  OMNI_RETURN_IF_ERROR(CheckNoNetwork(*store, options.data_dir));
  OMNI_RETURN_IF_ERROR(SaveAuthority(pair, options.data_dir));
  return store->CreateNetwork({options.network_id, options.trust_domain, now});
}

absl::StatusOr<OpenedNetwork> OpenNetwork(const std::string& data_dir, absl::Time now) {
  const std::string path = DatabasePath(data_dir);
  // Opening would make an empty one.
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return NothingStored(data_dir);
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(data_dir));
  OMNI_ASSIGN_OR_RETURN(std::unique_ptr<BootstrapStore> store,
                        SqliteBootstrapStore::Open(path, now));
  OMNI_ASSIGN_OR_RETURN(std::optional<NetworkInfo> info, store->LoadNetwork());
  if (!info.has_value()) return NothingStored(data_dir);
  OMNI_ASSIGN_OR_RETURN(Authority authority, LoadAuthority(info->trust_domain, data_dir));
  return OpenedNetwork{*std::move(info), std::move(authority), std::move(store)};
}

}  // namespace omninode::bootstrap
