#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_ENTRY_ROWS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_ENTRY_ROWS_H_

#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/identity/spiffe_id.h"
#include "common/sql/database.h"
#include "services/bootstrap/entry/entry.h"

// Table `entries`; errors as BootstrapStore has them, or those of common/sql.
namespace omninode::bootstrap {

absl::StatusOr<std::vector<Entry>> ReadEntries(sql::Database& database,
                                               const identity::TrustDomain& trust_domain);
absl::Status WriteEntry(sql::Database& database, const Entry& entry);
absl::Status RemoveEntry(sql::Database& database, std::string_view entry_id);
absl::Status CheckEntryExists(sql::Database& database, std::string_view entry_id);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_ENTRY_ROWS_H_
