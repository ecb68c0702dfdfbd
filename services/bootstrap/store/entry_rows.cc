#include "services/bootstrap/store/entry_rows.h"

#include <string>
#include <utility>

#include "common/base/reason.h"
#include "common/base/text.h"
#include "services/bootstrap/store/row_values.h"

namespace omninode::bootstrap {
namespace {

// No DNS name has a blank in it.
constexpr char kDnsSeparator = ' ';

absl::StatusOr<Entry> ReadEntry(sql::Statement& row, const identity::TrustDomain& trust_domain) {
  auto pattern = SpiffePattern::Parse(row.Text(1), trust_domain);
  if (!pattern.ok()) return DamagedRow("entry", Message(pattern.status()));
  Entry::Fields fields{.id = std::string(row.Text(0)),
                       .pattern = *std::move(pattern),
                       .svid_ttl = absl::Microseconds(row.Int64(2)),
                       .dns_names = {},
                       .created_at = TimeAt(row, 4)};
  if (const std::string_view names = row.Text(3); !names.empty()) {
    for (const std::string_view name : Split(names, kDnsSeparator)) {
      fields.dns_names.emplace_back(name);
    }
  }
  OMNI_RETURN_IF_ERROR(row.status());
  if (fields.id.empty()) return DamagedRow("entry", "it has no id");
  // What the service allows for new entries may have become narrower since.
  auto entry = Entry::Create(std::move(fields), kShortestSvidTtl);
  if (!entry.ok()) return DamagedRow("entry", Message(entry.status()));
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<Entry>> ReadEntries(sql::Database& database,
                                               const identity::TrustDomain& trust_domain) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement rows,
      database.Prepare("SELECT entry_id, pattern, svid_ttl, dns_names, created_at FROM entries"));
  std::vector<Entry> entries;
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return entries;
    OMNI_ASSIGN_OR_RETURN(Entry entry, ReadEntry(rows, trust_domain));
    entries.push_back(std::move(entry));
  }
}

absl::Status WriteEntry(sql::Database& database, const Entry& entry) {
  OMNI_ASSIGN_OR_RETURN(
      sql::Statement write,
      database.Prepare("INSERT INTO entries (entry_id, pattern, svid_ttl, dns_names, created_at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (entry_id) DO UPDATE SET "
                       "pattern = excluded.pattern, svid_ttl = excluded.svid_ttl, "
                       "dns_names = excluded.dns_names"));
  const std::string dns_names = Join(entry.dns_names(), std::string_view(&kDnsSeparator, 1));
  write.BindText(1, entry.id());
  write.BindText(2, entry.pattern().ToString());
  write.BindInt64(3, absl::ToInt64Microseconds(entry.svid_ttl()));
  write.BindText(4, dns_names);
  BindTime(write, 5, entry.created_at());
  const absl::Status status = write.Execute();
  if (absl::IsAlreadyExists(status)) {
    return Reject(Reason::kEntryExists, "another entry has the pattern {}",
                  entry.pattern().ToString());
  }
  return status;
}

absl::Status RemoveEntry(sql::Database& database, std::string_view entry_id) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement remove,
                        database.Prepare("DELETE FROM entries WHERE entry_id = ?1"));
  remove.BindText(1, entry_id);
  OMNI_RETURN_IF_ERROR(remove.Execute());
  if (database.Changes() == 1) return absl::OkStatus();
  return Reject(Reason::kObjectUnknown, "there is no such entry");
}

absl::Status CheckEntryExists(sql::Database& database, std::string_view entry_id) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement find,
                        database.Prepare("SELECT 1 FROM entries WHERE entry_id = ?1"));
  find.BindText(1, entry_id);
  OMNI_ASSIGN_OR_RETURN(const bool found, find.Step());
  if (found) return absl::OkStatus();
  return Reject(Reason::kEntryMissing, "the entry of this identity was deleted");
}

}  // namespace omninode::bootstrap
