#include "tests/simulation/instance.h"

#include <map>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry::simulation {
namespace {

constexpr char kActor[] = "spiffe://example.org/service/registry/registry-1";
constexpr std::size_t kRingVersions = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<Instance>> Instance::Start(Deps deps) {
  OMNI_ASSIGN_OR_RETURN(const Ownership ownership, deps.store.Acquire(kActor, deps.clock.Now()));
  OMNI_ASSIGN_OR_RETURN(TopologyState state, deps.store.Load());
  OMNI_ASSIGN_OR_RETURN(auto log, deps.store.ReadLog(kRingVersions));
  return std::unique_ptr<Instance>(
      new Instance(std::move(deps), ownership, std::move(state), std::move(log)));
}

Instance::Instance(Deps deps, const Ownership& ownership, TopologyState state,
                   std::vector<LoggedVersion> log)
    : deps_(std::move(deps)),
      table_(std::move(state)),
      watch_({encoder_, *this, [] {}}),
      queue_(kControlCapacity, kDataCapacity),
      committer_(deps_.keep_groups, ownership,
                 {deps_.clock, deps_.trust, deps_.store, table_, leases_, watch_,
                  [this](const absl::Status& status) {
                    reaper_.SetStoreAway(!status.ok());
                    deps_.on_store_status(status);
                  }},
                 deps_.wait),
      reaper_({.actor = kActor,
               .outage = {},
               .brake = {.min_nodes = 5},
               .on_brake =
                   [this](const NamespaceName& ns, bool on) {
                     if (on) {
                       braking_.insert(ns);
                     } else {
                       braking_.erase(ns);
                     }
                   }},
              leases_, *this),
      eviction_(table_, *this, kActor) {
  std::map<NamespaceName, std::vector<LoggedDiff>> log_of;
  for (LoggedVersion& version : log) {
    log_of[version.ns].push_back(
        {version.previous_version, std::move(version.diff), std::move(version.after)});
  }
  for (const auto& [name, ns] : table_.StateForWriter().namespaces()) {
    for (const NodePtr& node : ns.nodes().TakeSnapshot().Sorted()) {
      leases_.Grant(LeaseOf(*node, ns.info().incarnation), node->view->introspection.health(),
                    deps_.clock.Monotonic());
    }
    watch_.Restore(name, {ns.position(), ns.hash(), ns.nodes().size()}, std::move(log_of[name]));
  }
}

void Instance::Submit(std::vector<Submission> batch, Urgency urgency) {
  if (deps_.remove_though_renewed) {
    for (Submission& submission : batch) submission.still_wanted = nullptr;
  }
  if (queue_.TryPush(batch, urgency)) return;
  for (Submission& submission : batch) {
    std::move(submission.done)(Reject(Reason::kLoadShed, "the queue is full"));
  }
}

void Instance::TickDepartures() {
  const MonotonicTime now = deps_.clock.Monotonic();
  reaper_.Tick(now + deps_.reaper_ahead);
  const auto trust = deps_.trust.Current();
  if (trust->sequence != trust_seen_) eviction_due_ = now;
  trust_seen_ = trust->sequence;
  if (now >= eviction_due_) eviction_due_ = now + eviction_.Run(trust);
}

void Instance::TickWatches() {
  const MonotonicTime now = deps_.clock.Monotonic();
  while (watch_.Tick(now) <= now) {
  }
}

bool Instance::Turn(std::size_t max_group) {
  std::vector<Submission> group = std::exchange(deferred_, {});
  queue_.Take(&group, std::max(max_group, group.size()), {});
  if (group.empty()) {
    committer_.CheckStore();
    return false;
  }
  deferred_ = committer_.Run(std::move(group));
  return true;
}

}  // namespace omninode::registry::simulation
