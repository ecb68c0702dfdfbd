#include "common/time/backoff.h"

#include <algorithm>

namespace omninode {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): enough spread for jitter, and one word of state.
std::uint64_t NextRandom(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double UnitInterval(std::uint64_t random) {
  return static_cast<double>(random >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace

Backoff::Backoff(Options options, std::uint64_t seed)
    : options_(options), bound_(options.initial), state_(seed) {}

absl::Duration Backoff::Next() {
  const absl::Duration bound = bound_;
  bound_ = std::min(options_.max, bound_ * 2);
  return bound / 2 + bound / 2 * UnitInterval(NextRandom(state_));
}

absl::Duration Jittered(absl::Duration base, double fraction, std::uint64_t random) {
  std::uint64_t state = random;
  return base * (1.0 + fraction * (2.0 * UnitInterval(NextRandom(state)) - 1.0));
}

}  // namespace omninode
