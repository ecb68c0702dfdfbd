#ifndef OMNINODE_TESTS_SIMULATION_RANDOM_H_
#define OMNINODE_TESTS_SIMULATION_RANDOM_H_

#include <cstdint>
#include <random>

#include <absl/time/time.h>

namespace omninode::registry::simulation {

// One stream of decisions: the same seed, the same stream, on every machine.
class Random final {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t Next() { return engine_(); }
  std::uint64_t Below(std::uint64_t bound) { return engine_() % bound; }
  bool Permille(std::uint64_t chance) { return Below(1000) < chance; }
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    const auto span = static_cast<std::uint64_t>(absl::ToInt64Milliseconds(high - low)) + 1;
    return low + absl::Milliseconds(static_cast<std::int64_t>(Below(span)));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_RANDOM_H_
