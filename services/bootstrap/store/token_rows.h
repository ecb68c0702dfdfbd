#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_TOKEN_ROWS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_TOKEN_ROWS_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/sql/database.h"
#include "services/bootstrap/attestation/join_token.h"

// Table `join_tokens`; errors as BootstrapStore has them, or those of common/sql.
namespace omninode::bootstrap {

absl::Status WriteToken(sql::Database& database, const JoinToken& token, std::size_t max_tokens);
absl::StatusOr<std::optional<StoredToken>> ReadToken(sql::Database& database,
                                                     std::string_view token_id);
// One statement: of many that try, one finds the token unused.
absl::Status ConsumeToken(sql::Database& database, std::string_view token_id, const TokenUse& use);
absl::StatusOr<std::size_t> PruneTokens(sql::Database& database, absl::Time expired_before,
                                        std::size_t max_rows);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_TOKEN_ROWS_H_
