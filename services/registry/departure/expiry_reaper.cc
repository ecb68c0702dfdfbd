#include "services/registry/departure/expiry_reaper.h"

#include <algorithm>
#include <map>
#include <utility>

namespace omninode::registry {
namespace {

// A removal that could not be committed is proposed again no sooner.
constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);

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
  if (!verdict.may_expire || leases_.NextDeadline() > now) return;

  std::map<NamespaceName, std::vector<DueLease>> due_of;
  for (DueLease& due : leases_.TakeDue(now, kMaxPerTick)) {
    due_of[due.lease->node.ns].push_back(std::move(due));
  }
  for (auto& [ns, due] : due_of) Expire(ns, std::move(due), now);
}

void ExpiryReaper::Expire(const NamespaceName& ns, std::vector<DueLease> due, MonotonicTime now) {
  LeasePressure pressure = leases_.PressureOf(ns, now);
  pressure.due += due.size();  // the brake counts as if nothing had been taken
  const absl::Duration ttl =
      std::ranges::min(due, {}, [](const DueLease& d) { return d.lease->ttl; }).lease->ttl;
  const ExpiryBrake::Verdict verdict = brake_.Judge(ns, pressure, ttl, now);
  if (std::exchange(braking_[ns], verdict.braking) != verdict.braking) {
    options_.on_brake(ns, verdict.braking);
  }
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
                       } else if (std::holds_alternative<NothingToDo>(*answer)) {
                         leases.Drop(lease.lease->node.ns, lease.lease->handle);
                       }
                     }});
  }
  if (!batch.empty()) sink_.Submit(std::move(batch), Urgency::kControl);
}

}  // namespace omninode::registry
