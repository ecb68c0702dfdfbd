#ifndef OMNINODE_TOOLS_OMNICTL_TOPOLOGY_ROWS_H_
#define OMNINODE_TOOLS_OMNICTL_TOPOLOGY_ROWS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/directory/tombstone.h"
#include "common/envelope/raw_envelope.h"
#include "common/node/registry_records.h"
#include "common/node/topology_event.h"
#include "tools/omnictl/rows.h"

// What the registry tells, as rows. Pure.
namespace omninode::omnictl {

Columns NodeColumns();
Row NodeRow(const node::NodeRecord& record);
// A list of nodes as of `position`.
Rows NodeRows(const std::vector<node::NodeRecord>& nodes, const directory::Position& position);
// A list for which the registry vouches with a hash of all.
Rows TopologyRows(const node::TopologySnapshot& snapshot);

Columns TombstoneColumns();
Row TombstoneRow(const directory::Tombstone& tombstone);

// One message of a stream is as many rows as it tells of nodes, else one.
Columns WatchColumns();
std::vector<Row> WatchRows(const node::TopologyEvent& event);
// Up to where a reader of the stream knows everything after this message; nullopt when it does not
// move.
std::optional<directory::Position> PositionAfter(const node::TopologyEvent& event);

Columns NamespaceColumns();
Row NamespaceRow(const node::NamespaceRecord& record);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_TOPOLOGY_ROWS_H_
