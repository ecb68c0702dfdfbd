#ifndef OMNINODE_TESTS_BENCH_UNARY_LOAD_H_
#define OMNINODE_TESTS_BENCH_UNARY_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/time/clock.h"
#include "tests/bench/latencies.h"

namespace grpc {
class Channel;
}

namespace omninode::bench {

struct UnaryLoad {
  std::string method;                                    // "/omninode.registry.v1.../Register"
  std::vector<std::shared_ptr<grpc::Channel>> channels;  // taken in turn
  std::size_t in_flight = 1;
  absl::Duration duration = absl::InfiniteDuration();  // nothing is sent afterwards
  std::function<bool()> interrupted;
};

struct UnaryOutcome {
  Latencies latencies;  // of the calls that succeeded
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::string first_failure;
  absl::Duration elapsed;  // from the first call to the last answer
  bool ran_out = false;    // the requests did not last for the duration
};

// A closed loop: always so many calls under way, each answer sends the next request, until the
// requests or the time are used up; then waits for the last answers. Serialized requests, in order.
// CANCELLED when interrupted.
absl::StatusOr<UnaryOutcome> RunUnaryLoad(const UnaryLoad& load,
                                          std::span<const std::string> requests,
                                          const Clock& clock);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_UNARY_LOAD_H_
