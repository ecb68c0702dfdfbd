#ifndef OMNINODE_SERVICES_REGISTRY_DEPARTURE_EXPIRY_REAPER_H_
#define OMNINODE_SERVICES_REGISTRY_DEPARTURE_EXPIRY_REAPER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "common/time/monotonic_time.h"
#include "services/registry/lease/expiry_brake.h"
#include "services/registry/lease/lease_table.h"
#include "services/registry/lease/outage_clock.h"
#include "services/registry/sequencer/command_sink.h"

namespace omninode::registry {

// Turns leases that ended into removals. Owns no thread: whoever drives it calls Tick about every
// kTick, with the time.
//
// A due lease is taken from the table before its removal is proposed and given back when the
// removal could not be committed, so no lease is lost; a removal that has waited while its node
// registered again has no effect. Our
// own outages do not count (OutageClock), and mass expiries are slowed down (ExpiryBrake).
class ExpiryReaper final {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(100);
  static constexpr std::size_t kMaxPerTick = 1'000;

  struct Options {
    std::string actor;  // SPIFFE ID of this instance: who removed them
    OutageClock::Options outage;
    ExpiryBrake::Options brake;
    // Told when the brake of a namespace comes on or goes off. May be empty.
    std::function<void(const NamespaceName&, bool braking)> on_brake;
  };

  // REQUIRES: `sink` outlives this, and `leases` every completion.
  ExpiryReaper(Options options, LeaseTable& leases, CommandSink& sink);

  // One thread at a time.
  void Tick(MonotonicTime now);

  // Thread-safe: while the store refuses commits nothing expires.
  void SetStoreAway(bool away) { store_away_ = away; }

 private:
  void Expire(const NamespaceName& ns, std::vector<DueLease> due, MonotonicTime now);
  // What the brake says to leases that were taken, and tells whoever wants to know.
  ExpiryBrake::Verdict Judge(const NamespaceName& ns, const std::vector<DueLease>& due,
                             MonotonicTime now);
  // A brake goes off when nodes renew again: then nothing falls due that would have it judged.
  void LookAtBrakes(MonotonicTime now);

  const Options options_;
  LeaseTable& leases_;
  CommandSink& sink_;
  OutageClock outage_;
  ExpiryBrake brake_;
  std::set<NamespaceName> braking_;
  MonotonicTime brakes_due_;
  std::atomic<bool> store_away_{false};
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_DEPARTURE_EXPIRY_REAPER_H_
