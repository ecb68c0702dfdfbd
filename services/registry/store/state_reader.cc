#include "services/registry/store/state_reader.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "common/base/status.h"
#include "common/directory/node_ref.h"
#include "services/registry/store/certificate_rows.h"
#include "services/registry/store/change_record_codec.h"
#include "services/registry/store/log_rows.h"
#include "services/registry/store/namespace_rows.h"
#include "services/registry/store/node_rows.h"
#include "services/registry/store/receipt_rows.h"
#include "services/registry/store/tombstone_rows.h"

namespace omninode::registry {
namespace {

constexpr std::uint64_t kLastSeq = std::numeric_limits<std::int64_t>::max();

class StateReader final {
 public:
  StateReader(sql::Database& database, const Retention& retention)
      : database_(database), retention_(retention), cache_(database), chains_(std::ref(cache_)) {}

  absl::StatusOr<TopologyState> Read() {
    OMNI_RETURN_IF_ERROR(ReadNamespaces());
    // Tombstones before nodes: the last state of an id that came back is the live one.
    OMNI_RETURN_IF_ERROR(NodeRows(database_).ForEach(
        [this](NodeRows::Row row) { return TakeNode(std::move(row)); }));
    OMNI_RETURN_IF_ERROR(FindEvidenceInLog());
    return std::move(state_);
  }

 private:
  absl::Status ReadNamespaces() {
    OMNI_ASSIGN_OR_RETURN(auto rows, NamespaceRows(database_).All());
    for (NamespaceRows::Row& row : rows) {
      const NamespaceName name = row.info.name;
      NamespaceState& ns = state_.Restore(std::move(row.info));
      ns.RestoreVersion(row.version);
      OMNI_ASSIGN_OR_RETURN(auto departed,
                            TombstoneRows(database_).Newest(name, retention_.tombstones));
      for (DepartedPtr& one : departed) ns.RestoreDeparted(std::move(one));
      OMNI_ASSIGN_OR_RETURN(auto receipts,
                            ReceiptRows(database_).Newest(name, retention_.receipts));
      for (AdminReceipt& one : receipts) ns.RestoreReceipt(std::move(one));
    }
    return absl::OkStatus();
  }

  absl::Status TakeNode(NodeRows::Row row) {
    if (row.evidence.has_value()) return Restore(row.ns, std::move(row.node), *row.evidence);
    waiting_[row.evidence_seq].emplace(directory::NodeRef{row.ns, row.node.id},
                                       std::move(row.node));
    return absl::OkStatus();
  }

  absl::Status FindEvidenceInLog() {
    if (waiting_.empty()) return absl::OkStatus();
    OMNI_RETURN_IF_ERROR(
        LogRows(database_).ForEach(waiting_.begin()->first, kLastSeq,
                                   [this](const LogRows::Row& row) { return TakeLogRow(row); }));
    for (const auto& [seq, nodes] : waiting_) {
      if (nodes.empty()) continue;
      const directory::NodeRef& ref = nodes.begin()->first;
      return Error(absl::StatusCode::kDataLoss,
                   "the evidence of node '{}' of namespace '{}' is not in group {} of the log",
                   ref.id.value(), ref.ns.value(), seq);
    }
    return absl::OkStatus();
  }

  absl::Status TakeLogRow(const LogRows::Row& row) {
    const auto waiting = waiting_.find(row.seq);
    if (waiting == waiting_.end()) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(auto all, EvidenceIn(row.record));
    for (const EvidenceInRecord& found : all) {
      auto node = waiting->second.extract(directory::NodeRef{row.ns, found.node});
      if (node.empty()) continue;
      OMNI_RETURN_IF_ERROR(Restore(row.ns, std::move(node.mapped()), found.evidence));
    }
    return absl::OkStatus();
  }

  absl::Status Restore(const NamespaceName& ns, StoredNode stored, const std::string& evidence) {
    NamespaceState* const state = state_.FindMutable(ns);
    if (state == nullptr) {
      return Error(absl::StatusCode::kDataLoss,
                   "node '{}' is of a namespace '{}' that is not there", stored.id.value(),
                   ns.value());
    }
    OMNI_ASSIGN_OR_RETURN(EvidencePtr decoded, DecodeEvidence(evidence, chains_));
    OMNI_ASSIGN_OR_RETURN(NodePtr node, RebuildNode(ns, std::move(stored), std::move(decoded)));
    state->RestoreNode(std::move(node));
    return absl::OkStatus();
  }

  sql::Database& database_;
  const Retention retention_;
  ChainCache cache_;
  const ChainLookup chains_;
  TopologyState state_;
  // Nodes whose evidence is in the log, by group.
  std::map<std::uint64_t, std::map<directory::NodeRef, StoredNode>> waiting_;
};

}  // namespace

absl::StatusOr<TopologyState> ReadState(sql::Database& database, const Retention& retention) {
  return StateReader(database, retention).Read();
}

absl::StatusOr<std::vector<LoggedVersion>> ReadVersions(sql::Database& database,
                                                        std::size_t max_versions,
                                                        std::size_t max_bytes) {
  ChainCache cache(database);
  const ChainLookup chains = std::ref(cache);
  std::vector<LoggedVersion> versions;
  std::map<NamespaceName, std::size_t> bytes_of;
  const auto decode = [&](const LogRows::Row& row) -> absl::Status {
    std::size_t& bytes = bytes_of[row.ns];
    if (bytes >= max_bytes) return absl::OkStatus();
    bytes += row.record.size();
    auto logged = DecodeChangeRecord(row.record, chains);
    if (logged.ok() && logged->record.ns != row.ns) {
      logged =
          Error(absl::StatusCode::kDataLoss, "it is of namespace '{}'", logged->record.ns.value());
    }
    if (!logged.ok()) {
      return Annotate(logged.status(), fmt::format("group {} of the log", row.seq));
    }
    versions.push_back(ToLoggedVersion(*std::move(logged), row.seq));
    return absl::OkStatus();
  };
  OMNI_RETURN_IF_ERROR(LogRows(database).ForEachNewest(max_versions, decode));
  std::ranges::reverse(versions);
  return versions;
}

}  // namespace omninode::registry
