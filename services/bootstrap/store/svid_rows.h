#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_SVID_ROWS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_SVID_ROWS_H_

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/digest.h"
#include "common/sql/database.h"
#include "services/bootstrap/issuance/issue_request.h"
#include "services/bootstrap/issuance/key_use.h"

// Table `svids`; errors as BootstrapStore has them, or those of common/sql.
namespace omninode::bootstrap {

absl::Status WriteSvid(sql::Database& database, const IssuedSvid& svid);
absl::StatusOr<std::optional<IssuedSvid>> ReadSvid(sql::Database& database,
                                                   std::string_view serial);
// The living certificates of a key.
absl::StatusOr<std::vector<KeyHolder>> ReadKeyHolders(sql::Database& database,
                                                      const crypto::Sha256Digest& key,
                                                      absl::Time now);
absl::StatusOr<std::size_t> PruneSvids(sql::Database& database, absl::Time ended_before,
                                       std::size_t max_rows);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_SVID_ROWS_H_
