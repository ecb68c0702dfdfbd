#ifndef OMNINODE_TOOLS_OMNICTL_NODE_RUN_H_
#define OMNINODE_TOOLS_OMNICTL_NODE_RUN_H_

#include <functional>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/time/clock.h"

namespace omninode::omnictl {

// A change in the life of the node that runs here.
struct NodeEvent {
  absl::Time time;
  std::string event;        // "joined", "registered", "rejected", "disconnected", "left", ...
  std::string position;     // text; empty when there is none
  std::string detail;       // for people
  std::string reason = {};  // the name of a Reason; empty when there is none
};
using NodeEventSink = std::function<absl::Status(const NodeEvent&)>;

struct NodeRunOptions {
  std::string identity_dir;  // empty: the identity lives in memory only
  std::string token_file;    // empty: the folder must have an identity
  std::string registry;      // empty: the network's own addresses
  std::string ready_file;    // empty: none
  absl::Duration timeout;    // of joining and of leaving
  // Reads the description anew: at the start and at SIGHUP.
  std::function<absl::StatusOr<directory::Introspection>()> describe;
};

// A real node in the foreground: joins, registers, beats, follows rotations, and leaves with a
// tombstone at SIGINT or SIGTERM. SIGHUP reads the description anew; a bad one changes nothing and
// is an event. Returns OK after leaving; the reason, without leaving, when its identity was
// revoked, banned or has expired: it cannot recover by itself then, and nobody would listen.
//
// Refuses a token for another node before it is used: SUBJECT_MISMATCH.
// REQUIRES: runtime::BlockSignals was called while the program had one thread.
absl::Status RunNode(const NodeRunOptions& options, const Clock& clock,
                     const NodeEventSink& on_event);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_NODE_RUN_H_
