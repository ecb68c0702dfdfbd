#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_SINK_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_SINK_H_

#include <functional>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "services/registry/topology/command.h"

namespace omninode::registry {

// Told the outcome of a command: after the commit for an answer, at any time for a rejection.
// Called exactly once, on any thread; must not block.
using CommandCompletion = absl::AnyInvocable<void(absl::StatusOr<Answer>) &&>;

struct Submission {
  Command command;
  CommandCompletion done;
  // Asked when the command's turn comes, after everything before it was applied: whether the reason
  // for it still stands. If not, the answer is NothingToDo. Empty: always. Must not block.
  std::function<bool()> still_wanted = nullptr;
};

// Which of two bounded queues a batch waits in: what keeps the topology honest (expiry, revocation,
// administrators) goes before what nodes send.
enum class Urgency { kControl, kData };

// Where commands go to be ordered and made durable: the sequencer of this instance today, the owner
// of the shard elsewhere later. Thread-safe.
class CommandSink {
 public:
  virtual ~CommandSink() = default;

  // Takes the whole batch or, when its queue is full or the sink is closed, completes every command
  // with LOAD_SHED or SHUTTING_DOWN before it returns.
  virtual void Submit(std::vector<Submission> batch, Urgency urgency) = 0;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_COMMAND_SINK_H_
