#ifndef OMNINODE_COMMON_SQL_MIGRATOR_H_
#define OMNINODE_COMMON_SQL_MIGRATOR_H_

#include <cstdint>
#include <span>
#include <string_view>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/sql/database.h"

namespace omninode::sql {

// One step of a schema. Once released it never changes: the next change is the next step.
struct Migration {
  std::int64_t version;   // 1, 2, 3, ..
  std::string_view name;  // "add_change_log", for people
  std::string_view sql;   // a script without BEGIN and COMMIT
};

// Brings the schema up to the last of `migrations`, each step in a transaction of its own together
// with its row in schema_migrations (version, name, checksum, applied_at). After an error the steps
// before the failed one are applied, so that a second call goes on from there.
//
// SCHEMA_VERSION, and nothing is changed: when the database is newer than `migrations`, or when it
// was made by a step whose text was different. kInternal: `migrations` does not count 1, 2, 3, ..
absl::Status Migrate(Database& database, std::span<const Migration> migrations, absl::Time now);

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_MIGRATOR_H_
