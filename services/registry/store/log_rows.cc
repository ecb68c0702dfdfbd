#include "services/registry/store/log_rows.h"

#include <utility>

#include "common/base/status.h"
#include "services/registry/store/change_record_codec.h"
#include "services/registry/store/row_values.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kAppend =
    "INSERT INTO change_log(seq, namespace, incarnation, version, term, time, changes, record)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr std::string_view kSelect =
    "SELECT seq, namespace, record FROM change_log WHERE seq BETWEEN ?1 AND ?2"
    " ORDER BY seq, namespace";
constexpr std::string_view kNewest =
    "SELECT seq, namespace, record FROM change_log WHERE changes > 0"
    " ORDER BY seq DESC, namespace DESC LIMIT ?1";
constexpr std::string_view kOldest =
    "SELECT count(*), coalesce(max(seq), 0) FROM"
    " (SELECT DISTINCT seq FROM change_log WHERE seq <= ?1 ORDER BY seq LIMIT ?2)";
constexpr std::string_view kDelete = "DELETE FROM change_log WHERE seq <= ?1";

absl::Status VisitAll(sql::Statement& rows,
                      const std::function<absl::Status(LogRows::Row)>& visit) {
  while (true) {
    OMNI_ASSIGN_OR_RETURN(const bool there, rows.Step());
    if (!there) return absl::OkStatus();
    auto ns = NameAt<NamespaceName>(rows, 1);
    if (!ns.ok()) return Annotate(ns.status(), "table change_log");
    LogRows::Row row{rows.Uint64(0), *std::move(ns), std::string(rows.Blob(2))};
    OMNI_RETURN_IF_ERROR(rows.status());
    OMNI_RETURN_IF_ERROR(visit(std::move(row)));
  }
}

}  // namespace

absl::Status LogRows::Append(std::uint64_t seq, const ChangeRecord& record) {
  const std::string encoded = EncodeChangeRecord(record);
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kAppend));
  row.BindUint64(1, seq);
  row.BindText(2, record.ns.value());
  row.BindUint64(3, record.incarnation);
  row.BindUint64(4, record.version);
  row.BindUint64(5, record.term);
  BindTime(row, 6, record.time);
  row.BindUint64(7, record.changes.size());
  row.BindBlob(8, encoded);
  return row.Execute();
}

absl::Status LogRows::ForEach(std::uint64_t first, std::uint64_t last,
                              const std::function<absl::Status(Row)>& visit) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement rows, database_.Prepare(kSelect));
  rows.BindUint64(1, first);
  rows.BindUint64(2, last);
  return VisitAll(rows, visit);
}

absl::Status LogRows::ForEachNewest(std::size_t max,
                                    const std::function<absl::Status(Row)>& visit) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement rows, database_.Prepare(kNewest));
  rows.BindUint64(1, max);
  return VisitAll(rows, visit);
}

absl::StatusOr<LogRows::Prefix> LogRows::OldestUpTo(std::uint64_t seq, std::size_t max_groups) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kOldest));
  row.BindUint64(1, seq);
  row.BindUint64(2, max_groups);
  OMNI_RETURN_IF_ERROR(row.Step().status());
  const Prefix prefix{static_cast<std::size_t>(row.Uint64(0)), row.Uint64(1)};
  OMNI_RETURN_IF_ERROR(row.status());
  return prefix;
}

absl::Status LogRows::DeleteUpTo(std::uint64_t seq) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kDelete));
  row.BindUint64(1, seq);
  return row.Execute();
}

}  // namespace omninode::registry
