#include "services/registry/store/namespace_rows.h"

#include <utility>

#include "common/base/status.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO namespaces(name, incarnation, version, default_ttl, min_ttl, max_ttl, max_nodes,"
    " created_at, actor, seq, term) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
constexpr std::string_view kAdvance =
    "UPDATE namespaces SET version = ?3, seq = ?4, term = ?5"
    " WHERE name = ?1 AND incarnation = ?2 AND version = ?3 - 1";
constexpr std::string_view kSelect =
    "SELECT name, incarnation, version, default_ttl, min_ttl, max_ttl, max_nodes, created_at, actor"
    " FROM namespaces ORDER BY name";

absl::StatusOr<NamespaceRows::Row> Read(sql::Statement& row) {
  OMNI_ASSIGN_OR_RETURN(auto name, NameAt<NamespaceName>(row, 0));
  const auto limits = NamespaceLimits::Create({.default_ttl = DurationAt(row, 3),
                                               .min_ttl = DurationAt(row, 4),
                                               .max_ttl = DurationAt(row, 5),
                                               .max_nodes = row.Uint64(6)});
  if (!limits.ok()) {
    return Error(absl::StatusCode::kDataLoss, "'{}': {}", name.value(), Message(limits.status()));
  }
  NamespaceRows::Row read{.info = {.name = std::move(name),
                                   .limits = *limits,
                                   .incarnation = row.Uint64(1),
                                   .created_at = TimeAt(row, 7),
                                   .actor = TextAt(row, 8)},
                          .version = row.Uint64(2)};
  OMNI_RETURN_IF_ERROR(row.status());
  return read;
}

}  // namespace

absl::Status NamespaceRows::Insert(const NamespaceInfo& info, std::uint64_t version,
                                   WriteStamp stamp) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kInsert));
  row.BindText(1, info.name.value());
  row.BindUint64(2, info.incarnation);
  row.BindUint64(3, version);
  BindDuration(row, 4, info.limits.default_ttl());
  BindDuration(row, 5, info.limits.min_ttl());
  BindDuration(row, 6, info.limits.max_ttl());
  row.BindUint64(7, info.limits.max_nodes());
  BindTime(row, 8, info.created_at);
  row.BindText(9, info.actor);
  row.BindUint64(10, stamp.seq);
  row.BindUint64(11, stamp.term);
  return row.Execute();
}

absl::Status NamespaceRows::Advance(const ChangeRecord& record, WriteStamp stamp) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kAdvance));
  row.BindText(1, record.ns.value());
  row.BindUint64(2, record.incarnation);
  row.BindUint64(3, record.version);
  row.BindUint64(4, stamp.seq);
  row.BindUint64(5, stamp.term);
  OMNI_RETURN_IF_ERROR(row.Execute());
  return ExpectOneRow(database_, "namespaces", record.ns.value());
}

absl::StatusOr<std::vector<NamespaceRows::Row>> NamespaceRows::All() {
  OMNI_ASSIGN_OR_RETURN(sql::Statement rows, database_.Prepare(kSelect));
  std::vector<Row> all;
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool there, rows.Step());
    if (!there) return all;
    auto row = Read(rows);
    if (!row.ok()) return Annotate(row.status(), "table namespaces");
    all.push_back(*std::move(row));
  }
}

}  // namespace omninode::registry
