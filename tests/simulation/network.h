#ifndef OMNINODE_TESTS_SIMULATION_NETWORK_H_
#define OMNINODE_TESTS_SIMULATION_NETWORK_H_

#include <functional>
#include <map>

#include "common/time/clock.h"
#include "common/time/monotonic_time.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/random.h"

namespace omninode::registry::simulation {

// The network between nodes and registry: what is sent arrives late, twice or never, as chance has
// it, until Calm. Nothing arrives within the call that sends it, except beats that nothing happens
// to. Not thread-safe. Clock and journal outlive it.
class Network final {
 public:
  using Delivery = std::function<void()>;

  Network(const Clock& clock, Random random, Journal& journal)
      : clock_(clock), random_(random), journal_(journal) {}

  // Each may run its delivery never or twice, except Post.
  void SendRequest(Delivery arrive);
  void SendAnswer(Delivery arrive);
  void SendBeat(Delivery arrive);
  void Post(absl::Duration delay, Delivery deliver);

  // Delivers what is due.
  void Deliver();
  // From now on everything arrives, at once and once.
  void Calm() { calm_ = true; }

 private:
  const Clock& clock_;
  Random random_;
  Journal& journal_;
  bool calm_ = false;
  std::multimap<MonotonicTime, Delivery> parcels_;  // by the time of their arrival
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_NETWORK_H_
