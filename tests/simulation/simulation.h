#ifndef OMNINODE_TESTS_SIMULATION_SIMULATION_H_
#define OMNINODE_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <map>
#include <string>

#include <absl/time/time.h>

#include "common/crypto/digest.h"

namespace omninode::registry::simulation {

// Defects that are built in on purpose, to see that they are found.
enum class Defect {
  kNone,
  kLoseAnAcknowledgedGroup,  // the store forgets what it has said to be durable
  kForgetTombstones,         // after a restart late messages find nobody who remembers
  kExpireEarly,              // leases are judged by a clock that is ahead
  kLoseADiff,                // a stream leaves a message out
  kRemoveThoughRenewed,      // a removal is carried out although its node has registered again
};

struct Outcome {
  std::string violation;  // the first one; empty: none
  std::string journal;
  crypto::Sha256Digest trace_hash{};  // of the journal
  absl::Duration virtual_time;
  std::map<std::string, std::uint64_t> counts;
};

// A registry with its nodes and watchers on virtual time, from an empty store to rest: a while of
// traffic and faults, then a while without faults, then everything must be equal. What is simulated
// is the code that runs in production; only time, network, chance and store are made here. Pure:
// the same seed gives the same outcome.
Outcome Simulate(std::uint64_t seed, Defect defect = Defect::kNone);

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_SIMULATION_H_
