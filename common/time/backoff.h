#ifndef OMNINODE_COMMON_TIME_BACKOFF_H_
#define OMNINODE_COMMON_TIME_BACKOFF_H_

#include <cstdint>

#include <absl/time/time.h>

namespace omninode {

// Exponential backoff with jitter: the next delay is between half and the whole of the current
// bound, and the bound doubles up to `max`. The jitter is a pure function of the seed, so tests and
// the simulation are repeatable. Not thread-safe; one per retry loop.
class Backoff final {
 public:
  struct Options {
    absl::Duration initial = absl::Milliseconds(100);
    absl::Duration max = absl::Seconds(5);
  };

  Backoff(Options options, std::uint64_t seed);

  absl::Duration Next();
  void Reset() { bound_ = options_.initial; }

 private:
  Options options_;
  absl::Duration bound_;
  std::uint64_t state_;
};

// `base` +- `fraction` of it, chosen by `random` (any uniformly spread number).
absl::Duration Jittered(absl::Duration base, double fraction, std::uint64_t random);

}  // namespace omninode

#endif  // OMNINODE_COMMON_TIME_BACKOFF_H_
