#include "services/registry/lease/expiry_brake.h"

#include <algorithm>

namespace omninode::registry {

void ExpiryBrake::Minute::MoveTo(std::int64_t second) {
  const std::int64_t steps = std::min(second - newest_, kWindowSeconds);
  for (std::int64_t step = 1; step <= steps; ++step) {
    std::size_t& oldest = counts_[static_cast<std::size_t>((newest_ + step) % kWindowSeconds)];
    sum_ -= oldest;
    oldest = 0;
  }
  // After a whole window every count is zero, wherever the ring stands.
  newest_ = std::max(newest_, second);
}

void ExpiryBrake::Minute::Add(std::size_t count, std::int64_t second) {
  MoveTo(second);
  counts_[static_cast<std::size_t>(newest_ % kWindowSeconds)] += count;
  sum_ += count;
}

std::size_t ExpiryBrake::Minute::Sum(std::int64_t second) {
  MoveTo(second);
  return sum_;
}

ExpiryBrake::Verdict ExpiryBrake::Judge(const NamespaceName& ns, const LeasePressure& pressure,
                                        absl::Duration ttl, MonotonicTime now) {
  const std::int64_t second = absl::ToInt64Seconds(now.since_boot());
  const auto it = tracks_.try_emplace(ns).first;
  Track& track = it->second;
  const std::size_t expired = track.expired.Sum(second);
  const std::size_t going = expired + pressure.due + pressure.late;
  const std::size_t population = pressure.leases + expired;
  const bool braking =
      going >= options_.min_nodes &&
      static_cast<double>(going) >= options_.share * static_cast<double>(population);

  Verdict verdict{.allowed = pressure.due, .braking = braking, .again_at = now};
  if (braking) {
    if (!track.braking || now - track.period_start >= ttl) {
      track.period_start = now;
      track.released_in_period = 0;
    }
    const auto slow =
        static_cast<std::size_t>(options_.slow_share * static_cast<double>(population));
    const std::size_t quota = std::max<std::size_t>(1, slow);
    const std::size_t left = quota - std::min(quota, track.released_in_period);
    verdict.allowed = std::min(pressure.due, left);
    verdict.again_at = track.period_start + ttl;
    track.released_in_period += verdict.allowed;
  }
  track.braking = braking;
  track.expired.Add(verdict.allowed, second);
  if (!braking && track.expired.Sum(second) == 0) tracks_.erase(it);
  return verdict;
}

}  // namespace omninode::registry
