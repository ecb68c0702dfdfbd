#ifndef OMNINODE_TESTS_BENCH_ARGUMENTS_H_
#define OMNINODE_TESTS_BENCH_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/key.h"

namespace omninode::bench {

enum class Scenario : std::uint8_t { kR1, kW1, kG1 };

// What the command line asks for. A value.
struct Arguments {
  static constexpr std::size_t kMaxInFlight = 512;  // the registry sheds what is above
  static constexpr std::size_t kMaxWatchers = 5'000;
  static constexpr std::size_t kMaxNodes = 1'000'000;
  static constexpr std::size_t kMaxSeconds = 600;

  bool help = false;
  Scenario scenario = Scenario::kR1;
  absl::Duration duration = absl::Seconds(10);  // of each measurement
  crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::kP256;
  // Not given: the scenario's own.
  std::optional<std::size_t> watchers;
  std::optional<std::size_t> in_flight;
  std::optional<std::size_t> nodes;
  bool json = false;
};

// `words` without the program's name. ARGUMENT_INVALID with one line for what is wrong. Pure.
absl::StatusOr<Arguments> ParseArguments(std::vector<std::string> words);

// The whole help, with examples and how each figure is defined.
std::string HelpText();

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_ARGUMENTS_H_
