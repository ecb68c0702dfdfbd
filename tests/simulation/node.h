#ifndef OMNINODE_TESTS_SIMULATION_NODE_H_
#define OMNINODE_TESTS_SIMULATION_NODE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/time/fake_clock.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/topology/testing/commands.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/random.h"

namespace omninode::registry::simulation {

enum class MessageKind { kRegister, kGoodbye };

// A signed message, as its content: sent again it is the same.
struct NodeMessage {
  MessageKind kind = MessageKind::kRegister;
  testing::NodeSpec spec;

  Command ToCommand() const;
};

// A node as the SDK makes it: registers, beats at half its TTL, repeats what was not answered with
// the same sequence, and registers again when it is told to. By chance it changes, leaves, or falls
// silent.
class Node final {
 public:
  // Ways out; what is sent may be lost, late or doubled.
  struct Deps {
    const FakeClock& clock;
    Journal& journal;
    std::function<void(const Node&, const NodeMessage&)> send;
    std::function<void(Node&, const LeaseBeat&)> beat;
  };

  Node(std::string ns, std::string id, Random random, Deps deps);

  // `calm`: nothing new by chance, only what must be done.
  void Act(bool calm);
  void OnAnswer(const NodeMessage& message, const absl::StatusOr<Answer>& answer);
  void OnBeat(LeaseHandle handle, BeatVerdict verdict);
  // Does nothing for a while: crashed, or cut off.
  void FallSilent(absl::Duration how_long);
  void Recover() { quiet_until_ = deps_.clock.Monotonic(); }
  void Ban() { banned_ = true; }

  const directory::NodeRef& ref() const { return ref_; }
  bool banned() const { return banned_; }
  // Wants to be in the topology, and may.
  bool wants_in() const { return wants_in_ && !banned_; }
  // One of the messages it has sent before, if any.
  const NodeMessage* AnyOldMessage(Random& random) const;

 private:
  // A message that waits for its answer.
  struct Pending {
    NodeMessage message;
    MonotonicTime retry_at;
  };

  void Begin(MessageKind kind);
  void Register(bool changed);
  void Renew();
  void OnRefusal(const absl::Status& status);

  const directory::NodeRef ref_;
  Random random_;
  const Deps deps_;
  testing::NodeSpec content_;
  // Some never beat: they register again and again, and late while nothing is calm.
  const bool renews_by_registering_;
  bool wants_in_ = true;
  bool banned_ = false;
  bool calm_ = false;
  MonotonicTime quiet_until_;
  std::optional<Pending> pending_;
  std::vector<NodeMessage> sent_;
  std::optional<LeaseHandle> lease_;
  absl::Duration ttl_;
  MonotonicTime next_beat_;
  std::uint64_t last_beat_ms_ = 0;
  directory::Health health_ = directory::Health::kServing;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_NODE_H_
