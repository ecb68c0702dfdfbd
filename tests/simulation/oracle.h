#ifndef OMNINODE_TESTS_SIMULATION_ORACLE_H_
#define OMNINODE_TESTS_SIMULATION_ORACLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/directory/set_hash.h"
#include "common/time/clock.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/topology/topology_state.h"
#include "tests/simulation/journal.h"

namespace omninode::registry::simulation {

// Knows what was written, what was promised to whom and who has given signs of life, from outside
// the registry, and says when the registry contradicts it. Guarantees are named as in the design.
class Oracle final {
 public:
  static constexpr absl::Duration kLateBy = absl::Seconds(2);       // G16
  static constexpr absl::Duration kEvictWithin = absl::Seconds(5);  // G21

  Oracle(const Clock& clock, absl::Duration step, Journal& journal)
      : clock_(clock), step_(step), journal_(journal) {}

  // From the store, at the moment of writing: order, density, sequences (G12, G13, G15, G17), and
  // no expiry before its time (G16).
  void OnWritten(std::span<const ChangeRecord> records);
  // A registry told a node that its message of `sequence` is in (G10, G12).
  void OnRegistered(const Registered& answer, std::uint64_t sequence);
  void OnRemoved(const directory::NodeRef& node, const directory::Tombstone& tombstone,
                 std::uint64_t sequence);
  // A heartbeat was accepted.
  void OnBeat(const directory::NodeRef& node);
  void OnBanned(const directory::NodeRef& node);
  // An instance has loaded its state: it must hold everything that was promised (G10).
  void OnRestart(const TopologyState& state);

  // Time in which the registry is excused from removing anybody: away, paused, restarting.
  void Excuse(absl::Duration by);
  // The brake of the namespace is on: expiry may take a further period.
  void ExcuseBraked(const NamespaceName& ns);

  // After every step.
  void Check(const TopologyState& state, const LeaseTable& leases, bool recompute_hashes);

  // Whether a node is in the topology by what was written.
  bool IsLive(const directory::NodeRef& node) const;
  std::uint64_t SequenceOf(const directory::NodeRef& node) const;
  // Hash of the namespace at a version.
  std::optional<directory::SetHash> HashAt(const NamespaceName& ns, std::uint64_t version) const;
  directory::Position PositionOf(const NamespaceName& ns) const;

 private:
  struct NodeTruth {
    bool live = false;
    bool banned = false;
    std::uint64_t sequence = 0;  // highest that was ever written
    std::uint64_t promised = 0;  // highest that was answered
    MonotonicTime alive_at;      // last sign of life that was accepted
    absl::Duration ttl;
    MonotonicTime expire_by;  // G16, excuses included
    MonotonicTime evict_by = MonotonicTime::InfiniteFuture();
    std::map<std::uint64_t, std::string> answers;  // by sequence
  };
  struct NamespaceTruth {
    std::uint64_t incarnation = 0;
    std::uint64_t term = 0;
    std::vector<directory::SetHash> hashes{{}};  // by version
    std::map<NodeId, NodeTruth> nodes;

    std::uint64_t version() const { return hashes.size() - 1; }
  };

  void OnRecord(const ChangeRecord& record);
  void OnChange(NamespaceTruth& ns, const NodeChange& change);
  // The node itself spoke.
  void OnOwnWord(NodeTruth& node, const NodeId& id, std::uint64_t sequence);
  void OnAlive(NodeTruth& node, absl::Duration ttl);
  void OnAnswer(NodeTruth& node, const NodeId& id, std::uint64_t sequence, std::string answer);
  NodeTruth& Of(const directory::NodeRef& node);

  const Clock& clock_;
  const absl::Duration step_;
  Journal& journal_;
  std::map<NamespaceName, NamespaceTruth> namespaces_;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_ORACLE_H_
