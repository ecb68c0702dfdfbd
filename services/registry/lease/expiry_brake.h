#ifndef OMNINODE_SERVICES_REGISTRY_LEASE_EXPIRY_BRAKE_H_
#define OMNINODE_SERVICES_REGISTRY_LEASE_EXPIRY_BRAKE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/time/monotonic_time.h"
#include "services/registry/lease/lease_table.h"

namespace omninode::registry {

// Slows down when a large part of a namespace stops renewing at once: that is more often a broken
// network, a bad roll-out or a fault of ours than the death of all these nodes, and an old topology
// beats an empty one. The rule, per namespace:
//
//   going       = expired within the last minute + due now + late (see LeasePressure)
//   population  = leases now + expired within the last minute
//   brake is on = going >= min_nodes  and  going >= share * population
//   while on      at most max(1, floor(slow_share * population)) expire per period; a period lasts
//                 one TTL, and the first begins when the brake comes on
//   while off     everything due expires
//
// A brake that comes on says so in the verdict: an alarm for people. It goes off by itself when
// nodes renew again, or when what is left to go is below the bounds. Every release is a decision
// that counts at once, also when the commit fails later. Pure; not thread-safe.
class ExpiryBrake final {
 public:
  struct Options {
    std::size_t min_nodes = 10;
    double share = 0.5;
    double slow_share = 0.1;
  };
  struct Verdict {
    std::size_t allowed = 0;  // of the due leases may expire now
    bool braking = false;     // tell people
    MonotonicTime again_at;   // when more may go; `now` unless braking
  };

  explicit ExpiryBrake(Options options) : options_(options) {}

  // `pressure` counts leases as if nothing due had been taken yet; `ttl` is the time within which
  // nodes of the namespace must renew. REQUIRES: `now` does not fall from call to call.
  Verdict Judge(const NamespaceName& ns, const LeasePressure& pressure, absl::Duration ttl,
                MonotonicTime now);

  // Namespaces with something to remember: braking or with expiries within the last minute, as of
  // their last Judge.
  std::size_t tracked() const { return tracks_.size(); }

 private:
  static constexpr std::int64_t kWindowSeconds = 60;

  // Expiries of the last minute, one count per second.
  class Minute final {
   public:
    void Add(std::size_t count, std::int64_t second);
    std::size_t Sum(std::int64_t second);

   private:
    void MoveTo(std::int64_t second);
    std::array<std::size_t, kWindowSeconds> counts_{};
    std::int64_t newest_ = 0;
    std::size_t sum_ = 0;
  };

  struct Track {
    Minute expired;
    bool braking = false;
    MonotonicTime period_start;
    std::size_t released_in_period = 0;
  };

  const Options options_;
  std::map<NamespaceName, Track> tracks_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_LEASE_EXPIRY_BRAKE_H_
