#ifndef OMNINODE_TESTS_INTEGRATION_ENDURANCE_CHANGE_LOG_H_
#define OMNINODE_TESTS_INTEGRATION_ENDURANCE_CHANGE_LOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/directory/position.h"
#include "common/directory/topology_change.h"
#include "tests/integration/endurance/write_load.h"
#include "tools/testbed/member.h"
#include "tools/testbed/topology_watch.h"

// The history of a namespace against what its clients know of their writes.
namespace omninode::integration {

// What the log says of one write: (version, node) -> the sequence of the description, 0 of a
// removal.
using LoggedWrites = std::map<std::pair<std::uint64_t, std::string>, std::uint64_t>;

// Adds a change; DATA_LOSS when there was one of that node at that version already.
absl::Status AddChange(const directory::Position& position, const directory::TopologyChange& change,
                       LoggedWrites* log);

// The change log after `from`, exclusive, up to `to`, read by a new stream that resumes there:
// DATA_LOSS when a version of it is left out, comes twice or out of order, or the registry cannot
// resume.
absl::StatusOr<LoggedWrites> ReadChangeLog(testbed::Member& member, const NamespaceName& ns,
                                           const directory::Position& from,
                                           const directory::Position& to);

// What a watcher saw from `mark` on: DATA_LOSS when versions come twice or are left out.
absl::StatusOr<LoggedWrites> SeenWrites(const testbed::TopologyWatch& watch, std::size_t mark,
                                        std::uint64_t after_version);

// OK when the log holds exactly these writes, each once and at the position that was acknowledged.
// REQUIRES: every position is known.
absl::Status CheckSameWrites(const std::vector<Write>& writes, const testbed::Fleet& fleet,
                             const LoggedWrites& log);

}  // namespace omninode::integration

#endif  // OMNINODE_TESTS_INTEGRATION_ENDURANCE_CHANGE_LOG_H_
