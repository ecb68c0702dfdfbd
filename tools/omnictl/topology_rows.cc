#include "tools/omnictl/topology_rows.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/envelope/display.h"

namespace omninode::omnictl {
namespace {

template <typename Named>
Pairs ValuesOf(const std::vector<Named>& all) {
  Pairs pairs;
  for (const Named& each : all) pairs.emplace_back(each.name().value(), each.value());
  return pairs;
}

Pairs UrlsOf(const std::vector<directory::Endpoint>& endpoints) {
  Pairs pairs;
  for (const auto& endpoint : endpoints)
    pairs.emplace_back(endpoint.name().value(), endpoint.url());
  return pairs;
}

Cell TextOrNothing(const std::string& text) { return text.empty() ? Cell() : Cell(text); }

// What cannot be shown was not verified either: the reader asks the node's own words elsewhere.
Cell EvidenceCell(const std::optional<envelope::RawEnvelope>& evidence) {
  if (!evidence.has_value()) return {};
  auto shown = envelope::ToDisplay(*evidence);
  if (!shown.ok()) return {};
  return RawJson{*std::move(shown)};
}

Cell HashCell(const std::optional<directory::SetHash>& hash) {
  return hash.has_value() ? Cell(HexEncode(hash->ToBytes())) : Cell();
}

// The cells of a node that lists and streams share; all empty without one.
struct NodeCells {
  Cell health, epoch, software_version, endpoints, capabilities, labels, node_version,
      registered_at, ttl;

  NodeCells() = default;
  explicit NodeCells(const directory::NodeView& view)
      : health(directory::NameOf(view.introspection.health())),
        epoch(TextOrNothing(view.introspection.epoch())),
        software_version(TextOrNothing(view.introspection.version())),
        endpoints(UrlsOf(view.introspection.endpoints())),
        capabilities(ValuesOf(view.introspection.capabilities())),
        labels(ValuesOf(view.introspection.labels())),
        node_version(view.version),
        registered_at(view.registered_at),
        ttl(view.lease_ttl) {}
};

// A row of a stream, of which each kind of message fills some.
struct WatchRow {
  std::string event;
  Cell position, time, node_id, node_type, detail, previous_version, changed_fields, removal_reason,
      reason_text, actor, decision, correlation_id, source_node, hash, evidence;
  NodeCells node = {};

  Row Take() && {
    Row row;
    const auto* id = std::get_if<std::string>(&node_id.value());
    row.name = id == nullptr ? event : *id;
    row.cells = {std::move(event),
                 std::move(position),
                 std::move(node_id),
                 std::move(node_type),
                 std::move(node.health),
                 std::move(node.epoch),
                 std::move(detail),
                 std::move(time),
                 std::move(node.software_version),
                 std::move(node.endpoints),
                 std::move(node.capabilities),
                 std::move(node.labels),
                 std::move(node.node_version),
                 std::move(node.registered_at),
                 std::move(node.ttl),
                 std::move(previous_version),
                 std::move(changed_fields),
                 std::move(removal_reason),
                 std::move(reason_text),
                 std::move(actor),
                 std::move(decision),
                 std::move(correlation_id),
                 std::move(source_node),
                 std::move(hash),
                 std::move(evidence)};
    return row;
  }
};

std::string DetailOf(const directory::TopologyChange& change) {
  if (change.removal_reason.has_value()) {
    const std::string reason(directory::NameOf(*change.removal_reason));
    return change.reason_text.empty() ? reason : fmt::format("{}: {}", reason, change.reason_text);
  }
  std::string detail;
  for (const std::string_view field : change.changed_fields.Names()) {
    detail += fmt::format("{}{}", detail.empty() ? "" : ",", field);
  }
  return detail;
}

Cell ChangedFieldsCell(const directory::TopologyChange& change) {
  if (change.kind != directory::ChangeKind::kUpdated) return {};
  Texts names;
  for (const std::string_view name : change.changed_fields.Names()) names.emplace_back(name);
  return names;
}

WatchRow ChangeRow(const directory::TopologyChange& change) {
  WatchRow row{.event = std::string(directory::NameOf(change.kind)),
               .node_id = change.node_id.value(),
               .node_type = change.node_type.value(),
               .detail = TextOrNothing(DetailOf(change)),
               .changed_fields = ChangedFieldsCell(change),
               .reason_text = TextOrNothing(change.reason_text),
               .actor = TextOrNothing(change.actor),
               .decision = TextOrNothing(change.decision),
               .correlation_id = TextOrNothing(change.correlation_id)};
  if (change.removal_reason.has_value()) {
    row.removal_reason = directory::NameOf(*change.removal_reason);
  }
  if (change.node != nullptr) row.node = NodeCells(*change.node);
  return row;
}

// One function per kind of message; the previous version is set by the caller.
std::vector<WatchRow> RowsOf(const node::WatchStarted& started) {
  return {{.event = "started",
           .position = started.position.ToString(),
           .detail = "watch " + started.watch_id}};
}

std::vector<WatchRow> RowsOf(const node::SnapshotChunk& chunk) {
  std::vector<WatchRow> rows;
  for (const node::NodeRecord& record : chunk.nodes) {
    const directory::NodeView& view = *record.view;
    rows.push_back({.event = "node",
                    .node_id = view.node_id().value(),
                    .node_type = view.node_type().value(),
                    .actor = TextOrNothing(view.actor),
                    .decision = TextOrNothing(view.decision),
                    .evidence = EvidenceCell(record.evidence),
                    .node = NodeCells(view)});
  }
  return rows;
}

std::vector<WatchRow> RowsOf(const node::SnapshotEnd& end) {
  return {
      {.event = "snapshot_end", .position = end.position.ToString(), .hash = HashCell(end.hash)}};
}

std::vector<WatchRow> RowsOf(const node::TopologyStep& step) {
  std::vector<WatchRow> rows;
  for (std::size_t i = 0; i < step.diff.changes.size(); ++i) {
    rows.push_back(ChangeRow(step.diff.changes[i]));
    if (i < step.evidence.size()) rows.back().evidence = EvidenceCell(step.evidence[i]);
  }
  if (rows.empty()) rows.push_back({.event = "unchanged"});
  for (WatchRow& row : rows) {
    row.position = step.diff.position.ToString();
    row.time = step.diff.timestamp;
    row.source_node = TextOrNothing(step.source_node);
  }
  return rows;
}

std::vector<WatchRow> RowsOf(const node::Bookmark& bookmark) {
  return {{.event = "bookmark",
           .position = bookmark.position.ToString(),
           .hash = HashCell(bookmark.hash)}};
}

std::vector<WatchRow> RowsOf(const node::Resync& resync) {
  return {{.event = "resync",
           .position = resync.position.ToString(),
           .detail = fmt::format("{}: a snapshot follows", NameOf(resync.reason))}};
}

std::vector<WatchRow> RowsOf(const node::Draining&) {
  return {{.event = "draining", .detail = "the instance is about to stop"}};
}

}  // namespace

Columns NodeColumns() {
  return {{"node_id", "ID"},
          {"node_type", "TYPE"},
          {"health", "HEALTH"},
          {"epoch", "EPOCH"},
          {"software_version", "SOFTWARE"},
          {"node_version", "VERSION"},
          {"registered_at", "REGISTERED"},
          {"namespace", "NAMESPACE", Shown::kWide},
          {"ttl", "TTL", Shown::kWide},
          {"endpoints", "ENDPOINTS", Shown::kWide},
          {"labels", "LABELS", Shown::kWide},
          {"capabilities", "CAPABILITIES", Shown::kWide},
          {"actor", "ACTOR", Shown::kWide},
          {"decision", "DECISION", Shown::kWide},
          {"last_sequence", "LAST SEQUENCE", Shown::kJson},
          {"evidence", "EVIDENCE", Shown::kJson}};
}

Row NodeRow(const node::NodeRecord& record) {
  const directory::NodeView& view = *record.view;
  NodeCells cells(view);
  return {view.node_id().value(),
          {view.node_id().value(), view.node_type().value(), std::move(cells.health),
           std::move(cells.epoch), std::move(cells.software_version), std::move(cells.node_version),
           std::move(cells.registered_at), view.ns().value(), std::move(cells.ttl),
           std::move(cells.endpoints), std::move(cells.labels), std::move(cells.capabilities),
           TextOrNothing(view.actor), TextOrNothing(view.decision),
           record.last_sequence.has_value() ? Cell(*record.last_sequence) : Cell(),
           EvidenceCell(record.evidence)}};
}

Rows NodeRows(const std::vector<node::NodeRecord>& nodes, const directory::Position& position) {
  Rows rows{.items = "nodes", .columns = NodeColumns()};
  for (const node::NodeRecord& record : nodes) rows.rows.push_back(NodeRow(record));
  rows.facts = {{"position", position.ToString()}};
  return rows;
}

Rows TopologyRows(const node::TopologySnapshot& snapshot) {
  Rows rows = NodeRows(snapshot.nodes, snapshot.position);
  rows.facts.emplace_back("total_nodes", std::uint64_t{snapshot.nodes.size()});
  rows.facts.emplace_back("hash", HashCell(snapshot.hash));
  return rows;
}

Columns TombstoneColumns() {
  return {{"node_id", "NODE"},
          {"namespace", "NAMESPACE"},
          {"node_type", "TYPE"},
          {"reason", "REASON"},
          {"reason_text", "REASON TEXT"},
          {"actor", "REMOVED BY"},
          {"position", "POSITION"},
          {"removed_at", "REMOVED AT"},
          {"uptime", "UPTIME"},
          {"final_health", "FINAL HEALTH"},
          {"decision", "DECISION", Shown::kJson}};
}

Row TombstoneRow(const directory::Tombstone& tombstone) {
  return {tombstone.node.id.value(),
          {tombstone.node.id.value(), tombstone.node.ns.value(), tombstone.node_type.value(),
           directory::NameOf(tombstone.reason), TextOrNothing(tombstone.reason_text),
           TextOrNothing(tombstone.actor), tombstone.removed_at.ToString(), tombstone.removed_time,
           tombstone.uptime, directory::NameOf(tombstone.final_health),
           TextOrNothing(tombstone.decision)}};
}

Columns WatchColumns() {
  return {{"event", "EVENT", Shown::kAlways, 12},
          {"position", "POSITION", Shown::kAlways, 10},
          {"node_id", "ID", Shown::kAlways, 20},
          {"node_type", "TYPE", Shown::kAlways, 12},
          {"health", "HEALTH", Shown::kAlways, 11},
          {"epoch", "EPOCH", Shown::kAlways, 8},
          {"detail", "DETAIL", Shown::kAlways, 24},
          {"time", "TIME", Shown::kWide, 24},
          {"software_version", "SOFTWARE", Shown::kWide, 10},
          {"endpoints", "ENDPOINTS", Shown::kWide, 32},
          {"capabilities", "CAPABILITIES", Shown::kJson},
          {"labels", "LABELS", Shown::kWide},
          {"node_version", "VERSION", Shown::kJson},
          {"registered_at", "REGISTERED", Shown::kJson},
          {"ttl", "TTL", Shown::kJson},
          {"previous_version", "PREVIOUS", Shown::kJson},
          {"changed_fields", "CHANGED", Shown::kJson},
          {"removal_reason", "REASON", Shown::kJson},
          {"reason_text", "REASON TEXT", Shown::kJson},
          {"actor", "ACTOR", Shown::kJson},
          {"decision", "DECISION", Shown::kJson},
          {"correlation_id", "CORRELATION", Shown::kJson},
          {"source_node", "SOURCE", Shown::kJson},
          {"hash", "HASH", Shown::kJson},
          {"evidence", "EVIDENCE", Shown::kJson}};
}

std::vector<Row> WatchRows(const node::TopologyEvent& event) {
  std::vector<Row> rows;
  for (WatchRow& row : std::visit([](const auto& what) { return RowsOf(what); }, event.what)) {
    row.previous_version = event.previous_version;
    rows.push_back(std::move(row).Take());
  }
  return rows;
}

std::optional<directory::Position> PositionAfter(const node::TopologyEvent& event) {
  if (const auto* end = std::get_if<node::SnapshotEnd>(&event.what)) return end->position;
  if (const auto* step = std::get_if<node::TopologyStep>(&event.what)) return step->diff.position;
  if (const auto* bookmark = std::get_if<node::Bookmark>(&event.what)) return bookmark->position;
  return std::nullopt;
}

Columns NamespaceColumns() {
  return {{"namespace", "NAMESPACE"},
          {"nodes", "NODES"},
          {"position", "POSITION"},
          {"created_at", "CREATED"},
          {"default_ttl", "DEFAULT TTL", Shown::kWide},
          {"min_ttl", "MIN TTL", Shown::kWide},
          {"max_ttl", "MAX TTL", Shown::kWide},
          {"max_nodes", "MAX NODES", Shown::kWide}};
}

Row NamespaceRow(const node::NamespaceRecord& record) {
  return {record.name.value(),
          {record.name.value(), record.nodes, record.position.ToString(), record.created_at,
           record.rules.default_ttl, record.rules.min_ttl, record.rules.max_ttl,
           record.rules.max_nodes}};
}

}  // namespace omninode::omnictl
