#include "services/registry/departure/expiry_reaper.h"

#include <algorithm>
#include <map>
#include <utility>

namespace omninode::registry {
namespace {

// A removal that could not be committed is proposed again no sooner.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);
// How often a brake that is on is looked at although nothing falls due.
constexpr absl::Duration kBrakeLook = absl::Seconds(1);

// Whether the lease is still the one that was taken.
bool IsSameGrant(const LeaseTable& leases, const DueLease& due) {
  return leases.Find(due.lease->node.ns, due.lease->handle) == due.lease;
}

}  // namespace

ExpiryReaper::ExpiryReaper(Options options, LeaseTable& leases, CommandSink& sink)
    : options_(std::move(options)),
      leases_(leases),
      sink_(sink),
      outage_(options_.outage),
      brake_(options_.brake) {}

void ExpiryReaper::Tick(MonotonicTime now) {
  if (store_away_) {
    outage_.StoreLost();
  } else {
    outage_.StoreBack();
  }
  const OutageClock::Verdict verdict = outage_.Tick(now);
  if (verdict.shift > absl::ZeroDuration()) leases_.ShiftAll(verdict.shift);
  if (!verdict.may_expire) return;
  LookAtBrakes(now);
  if (leases_.NextDeadline() > now) return;

  std::map<NamespaceName, std::vector<DueLease>> due_of;
  for (DueLease& due : leases_.TakeDue(now, kMaxPerTick)) {
    due_of[due.lease->node.ns].push_back(std::move(due));
  }
  for (auto& [ns, due] : due_of) Expire(ns, std::move(due), now);
}

void ExpiryReaper::LookAtBrakes(MonotonicTime now) {
  if (braking_.empty() || now < brakes_due_) return;
  brakes_due_ = now + kBrakeLook;
  const std::set<NamespaceName> namespaces = braking_;
  for (const NamespaceName& ns : namespaces) Judge(ns, {}, now);
}

ExpiryBrake::Verdict ExpiryReaper::Judge(const NamespaceName& ns, const std::vector<DueLease>& due,
                                         MonotonicTime now) {
  // The brake counts as if nothing had been taken, but may release only what was: the rest is as
  // good as late. (Given back before, or beyond kMaxPerTick.)
  LeasePressure pressure = leases_.PressureOf(ns, now);
  pressure.late += std::exchange(pressure.due, due.size());
  absl::Duration ttl = absl::InfiniteDuration();
  for (const DueLease& one : due) ttl = std::min(ttl, one.lease->ttl);
  const ExpiryBrake::Verdict verdict = brake_.Judge(ns, pressure, ttl, now);
  const bool changed = verdict.braking ? braking_.insert(ns).second : braking_.erase(ns) > 0;
  if (changed && options_.on_brake) options_.on_brake(ns, verdict.braking);
  return verdict;
}

void ExpiryReaper::Expire(const NamespaceName& ns, std::vector<DueLease> due, MonotonicTime now) {
  const ExpiryBrake::Verdict verdict = Judge(ns, due, now);
  while (due.size() > verdict.allowed) {
    leases_.GiveBack(due.back(), verdict.again_at);
    due.pop_back();
  }
  std::vector<Submission> batch;
  for (const DueLease& lease : due) {
    batch.push_back({RemoveCommand{.node = lease.lease->node,
                                   .reason = directory::RemovalReason::kLeaseExpired,
                                   .reason_text = {},
                                   .actor = options_.actor,
                                   .decision = {},
                                   .only_lease = lease.lease->handle,
                                   .request = std::nullopt},
                     [&leases = leases_, lease, now](const absl::StatusOr<Answer>& answer) {
                       if (!answer.ok()) {
                         leases.GiveBack(lease, now + kRetryAfter);
                       } else if (std::holds_alternative<NothingToDo>(*answer) &&
                                  IsSameGrant(leases, lease)) {
                         leases.Drop(lease.lease->node.ns, lease.lease->handle);
                       }
                     },
                     // The node may have registered again while this waited: a new grant.
                     [&leases = leases_, lease] { return IsSameGrant(leases, lease); }});
  }
  if (!batch.empty()) sink_.Submit(std::move(batch), Urgency::kControl);
}

}  // namespace omninode::registry
