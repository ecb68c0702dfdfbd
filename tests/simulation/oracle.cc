#include "tests/simulation/oracle.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/directory/canonical.h"

namespace omninode::registry::simulation {

Oracle::NodeTruth& Oracle::Of(const directory::NodeRef& node) {
  return namespaces_[node.ns].nodes[node.id];
}

void Oracle::OnWritten(std::span<const ChangeRecord> records) {
  std::set<NamespaceName> seen;
  for (const ChangeRecord& record : records) {
    if (!seen.insert(record.ns).second) {
      journal_.Violation("two records of {} in one group", record.ns.value());
    }
    OnRecord(record);
  }
}

void Oracle::OnRecord(const ChangeRecord& record) {
  NamespaceTruth& ns = namespaces_[record.ns];
  if (record.created.has_value()) {
    if (ns.incarnation != 0) journal_.Violation("{} was created twice", record.ns.value());
    ns.incarnation = record.incarnation;
  }
  if (record.term < ns.term) journal_.Violation("G15: term {} after {}", record.term, ns.term);
  ns.term = record.term;
  const std::uint64_t expected = ns.version() + (record.changes.empty() ? 0 : 1);
  if (record.version != expected || record.incarnation != ns.incarnation) {
    journal_.Violation("version {}:{} of {} does not follow {}", record.incarnation, record.version,
                       record.ns.value(), ns.version());
  }
  if (!record.changes.empty()) ns.hashes.push_back(ns.hashes.back());
  const NodeId* last = nullptr;
  for (const NodeChange& change : record.changes) {
    if (last != nullptr && !(*last < change.id())) {
      journal_.Violation("changes of {} are not in order", record.ns.value());
    }
    last = &change.id();
    OnChange(ns, change);
  }
  for (const NodePtr& node : record.renewed) {
    NodeTruth& truth = ns.nodes[node->view->node_id()];
    OnOwnWord(truth, node->view->node_id(), node->last_message.sequence);
    OnAlive(truth, node->view->lease_ttl);
  }
  journal_.Line("written {} {} term {} changes {} renewed {}", record.ns.value(), record.version,
                record.term, record.changes.size(), record.renewed.size());
}

void Oracle::OnChange(NamespaceTruth& ns, const NodeChange& change) {
  NodeTruth& truth = ns.nodes[change.id()];
  if (truth.live != (change.before != nullptr)) {
    journal_.Violation("{} is changed as if it were {}", change.id().value(),
                       truth.live ? "not there" : "there");
  }
  if (change.before != nullptr) {
    ns.hashes.back().Remove(directory::CanonicalDigest(*change.before->view));
  }
  if (change.after != nullptr) {
    ns.hashes.back().Add(directory::CanonicalDigest(*change.after->view));
  }
  const LastMessage& last =
      change.after != nullptr ? change.after->last_message : change.departed->last_message;
  const bool own = change.before == nullptr || change.before->last_message != last;
  if (own) OnOwnWord(truth, change.id(), last.sequence);
  truth.live = change.after != nullptr;
  if (truth.live) {
    if (own) OnAlive(truth, change.after->view->lease_ttl);
    return;
  }
  const directory::RemovalReason reason = change.departed->tombstone.reason;
  journal_.Line("removed {} {}", change.id().value(), directory::NameOf(reason));
  journal_.Count(fmt::format("removed: {}", directory::NameOf(reason)));
  if (reason == directory::RemovalReason::kLeaseExpired &&
      clock_.Monotonic() < truth.alive_at + truth.ttl) {
    journal_.Violation(
        "G16: {} expired {} after a sign of life, its TTL is {}", change.id().value(),
        absl::FormatDuration(clock_.Monotonic() - truth.alive_at), absl::FormatDuration(truth.ttl));
  }
  if (reason == directory::RemovalReason::kIdentityRevoked && !truth.banned) {
    journal_.Violation("{} was evicted without cause", change.id().value());
  }
}

void Oracle::OnOwnWord(NodeTruth& node, const NodeId& id, std::uint64_t sequence) {
  if (sequence <= node.sequence) {
    journal_.Violation("G12/G13/G17: message {} of {} had an effect after {}", sequence, id.value(),
                       node.sequence);
  }
  if (node.banned) journal_.Violation("G21: {} spoke after its ban", id.value());
  node.sequence = std::max(node.sequence, sequence);
}

void Oracle::OnAlive(NodeTruth& node, absl::Duration ttl) {
  node.alive_at = clock_.Monotonic();
  node.ttl = ttl;
  // One step until the reaper sees it, one until it is committed.
  node.expire_by = node.alive_at + ttl + kLateBy + 2 * step_;
}

void Oracle::OnBeat(const directory::NodeRef& node) {
  NodeTruth& truth = Of(node);
  OnAlive(truth, truth.ttl);
}

void Oracle::OnAnswer(NodeTruth& node, const NodeId& id, std::uint64_t sequence,
                      std::string answer) {
  if (sequence > node.sequence) {
    journal_.Violation("G10: {} was told of {} before it was written", id.value(), sequence);
  }
  node.promised = std::max(node.promised, sequence);
  const auto [it, first] = node.answers.try_emplace(sequence, answer);
  if (!first) journal_.Count("repeated answers");
  if (it->second != answer) {
    journal_.Violation("G12: {} {} was answered '{}', and now '{}'", id.value(), sequence,
                       it->second, answer);
  }
}

void Oracle::OnRegistered(const Registered& answer, std::uint64_t sequence) {
  OnAnswer(Of(answer.node), answer.node.id, sequence,
           fmt::format("registered {} {}", answer.position.ToString(), answer.lease.value()));
}

void Oracle::OnRemoved(const directory::NodeRef& node, const directory::Tombstone& tombstone,
                       std::uint64_t sequence) {
  OnAnswer(Of(node), node.id, sequence, "removed " + tombstone.removed_at.ToString());
}

void Oracle::OnBanned(const directory::NodeRef& node) {
  NodeTruth& truth = Of(node);
  truth.banned = true;
  truth.evict_by = clock_.Monotonic() + kEvictWithin + 2 * step_;
}

void Oracle::OnRestart(const TopologyState& state) {
  for (auto& [name, ns] : namespaces_) {
    if (ns.incarnation == 0) continue;  // not created yet
    const NamespaceState* loaded = state.Find(name);
    if (loaded == nullptr) {
      journal_.Violation("G10: {} is gone after a restart", name.value());
      continue;
    }
    for (auto& [id, truth] : ns.nodes) {
      const NodePtr node = loaded->nodes().Find(id);
      const DepartedPtr departed = loaded->FindDeparted(id);
      const std::uint64_t known = node != nullptr       ? node->last_message.sequence
                                  : departed != nullptr ? departed->last_message.sequence
                                                        : 0;
      if (known < truth.promised) {
        journal_.Violation("G10: {} was promised {}, after a restart {} is known", id.value(),
                           truth.promised, known);
      }
      // A full lease for everyone.
      if (truth.live) OnAlive(truth, truth.ttl);
    }
  }
}

void Oracle::Excuse(absl::Duration by) {
  for (auto& [name, ns] : namespaces_) {
    for (auto& [id, node] : ns.nodes) {
      node.expire_by = node.expire_by + by;
      node.evict_by = node.evict_by + by;
    }
  }
}

void Oracle::ExcuseBraked(const NamespaceName& name) {
  for (auto& [id, node] : namespaces_[name].nodes) {
    node.expire_by = std::max(node.expire_by, clock_.Monotonic() + node.ttl + kLateBy + 2 * step_);
  }
}

void Oracle::Check(const TopologyState& state, const LeaseTable& leases, bool recompute_hashes) {
  const MonotonicTime now = clock_.Monotonic();
  std::size_t live = 0;
  for (const auto& [name, ns] : namespaces_) {
    if (ns.incarnation == 0) continue;
    const NamespaceState* shown = state.Find(name);
    if (shown == nullptr || shown->position().version != ns.version()) {
      journal_.Violation("the state of {} is not at version {}", name.value(), ns.version());
      continue;
    }
    if (shown->hash() != ns.hashes.back()) journal_.Violation("hash of {} differs", name.value());
    if (shown->nodes().size() > shown->info().limits.max_nodes()) {
      journal_.Violation("{} has more nodes than it may", name.value());
    }
    live += shown->nodes().size();
    for (const auto& [id, node] : ns.nodes) {
      if (!node.live) continue;
      if (now > node.expire_by) {
        journal_.Violation("G16: {} is still there {} after its last sign of life", id.value(),
                           absl::FormatDuration(now - node.alive_at));
      }
      if (now > node.evict_by) journal_.Violation("G21: {} is still there", id.value());
    }
    if (!recompute_hashes) continue;
    directory::SetHash hash;
    shown->nodes().TakeSnapshot().ForEach(
        [&](const NodePtr& node) { hash.Add(directory::CanonicalDigest(*node->view)); });
    if (hash != shown->hash()) journal_.Violation("G7: kept and computed hash differ");
  }
  if (leases.size() != live) {
    journal_.Violation("{} nodes hold {} leases", live, leases.size());
  }
}

bool Oracle::IsLive(const directory::NodeRef& node) const {
  const auto ns = namespaces_.find(node.ns);
  if (ns == namespaces_.end()) return false;
  const auto it = ns->second.nodes.find(node.id);
  return it != ns->second.nodes.end() && it->second.live;
}

std::uint64_t Oracle::SequenceOf(const directory::NodeRef& node) const {
  const auto ns = namespaces_.find(node.ns);
  if (ns == namespaces_.end()) return 0;
  const auto it = ns->second.nodes.find(node.id);
  return it == ns->second.nodes.end() ? 0 : it->second.sequence;
}

std::optional<directory::SetHash> Oracle::HashAt(const NamespaceName& name,
                                                 std::uint64_t version) const {
  const auto ns = namespaces_.find(name);
  if (ns == namespaces_.end() || version > ns->second.version()) return std::nullopt;
  return ns->second.hashes[version];
}

directory::Position Oracle::PositionOf(const NamespaceName& name) const {
  const auto ns = namespaces_.find(name);
  if (ns == namespaces_.end()) return {};
  return {ns->second.incarnation, ns->second.version()};
}

}  // namespace omninode::registry::simulation
