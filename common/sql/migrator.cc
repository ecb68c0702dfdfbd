#include "common/sql/migrator.h"

#include <cstddef>
#include <string>
#include <vector>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/sql/transaction.h"

namespace omninode::sql {
namespace {

struct Applied {
  std::int64_t version;
  std::string checksum;
};

// FNV-1a, 64 bits: it is to notice an edited file, not an attacker, who could edit the row too.
std::string ChecksumOf(const Migration& migration) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  };
  mix(migration.name);
  mix(std::string_view("\0", 1));  // so that no byte can move from the name to the script
  mix(migration.sql);
  return fmt::format("{:016x}", hash);
}

absl::Status CheckNumbering(std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<std::int64_t>(i) + 1) {
      return Error(absl::StatusCode::kInternal, "migration '{}' has version {} and not {}",
                   migrations[i].name, migrations[i].version, i + 1);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Applied>> ReadApplied(Database& database) {
  OMNI_ASSIGN_OR_RETURN(Statement table,
                        database.Prepare("SELECT count(*) FROM sqlite_schema "
                                         "WHERE type = 'table' AND name = 'schema_migrations'"));
  OMNI_ASSIGN_OR_RETURN(const bool counted, table.Step());
  std::vector<Applied> applied;
  if (!counted || table.Int64(0) == 0) return applied;
  OMNI_ASSIGN_OR_RETURN(
      Statement rows,
      database.Prepare("SELECT version, checksum FROM schema_migrations ORDER BY version"));
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return applied;
    applied.push_back({rows.Int64(0), std::string(rows.Text(1))});
  }
}

absl::Status CheckApplied(const Database& database, std::span<const Applied> applied,
                          std::span<const Migration> migrations) {
  if (!applied.empty() && applied.back().version > static_cast<std::int64_t>(migrations.size())) {
    return Reject(Reason::kSchemaVersion,
                  "{} has schema version {}, this program knows versions up to {}: "
                  "use a newer program",
                  database.path(), applied.back().version, migrations.size());
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (applied[i].version != migrations[i].version ||
        applied[i].checksum != ChecksumOf(migrations[i])) {
      return Reject(Reason::kSchemaVersion,
                    "{} was made by another program: schema version {} ('{}') has checksum {}, "
                    "expected {}",
                    database.path(), applied[i].version, migrations[i].name, applied[i].checksum,
                    ChecksumOf(migrations[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status Apply(Database& database, const Migration& migration, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database));
  OMNI_RETURN_IF_ERROR(database.Exec(
      "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, "
      "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT"));
  OMNI_RETURN_IF_ERROR(database.Exec(migration.sql));
  const std::string checksum = ChecksumOf(migration);
  {
    OMNI_ASSIGN_OR_RETURN(Statement insert,
                          database.Prepare("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)"));
    insert.BindInt64(1, migration.version);
    insert.BindText(2, migration.name);
    insert.BindText(3, checksum);
    insert.BindInt64(4, absl::ToUnixMicros(now));
    OMNI_RETURN_IF_ERROR(insert.Execute());
  }
  return transaction.Commit();
}

}  // namespace

absl::Status Migrate(Database& database, std::span<const Migration> migrations, absl::Time now) {
  OMNI_RETURN_IF_ERROR(CheckNumbering(migrations));
  OMNI_ASSIGN_OR_RETURN(const std::vector<Applied> applied, ReadApplied(database));
  OMNI_RETURN_IF_ERROR(CheckApplied(database, applied, migrations));
  for (const Migration& migration : migrations.subspan(applied.size())) {
    OMNI_RETURN_IF_ERROR(
        Annotate(Apply(database, migration, now),
                 fmt::format("migration {} '{}'", migration.version, migration.name)));
  }
  return absl::OkStatus();
}

}  // namespace omninode::sql
