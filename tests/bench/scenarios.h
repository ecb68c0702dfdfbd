#ifndef OMNINODE_TESTS_BENCH_SCENARIOS_H_
#define OMNINODE_TESTS_BENCH_SCENARIOS_H_

#include <absl/status/statusor.h>

#include "tests/bench/network.h"
#include "tests/bench/report.h"

// The scenarios, one per file; HelpText says what their figures mean. Each starts its own network.
// Errors: CANCELLED when interrupted; what keeps a service from running or answering.
namespace omninode::bench {

absl::StatusOr<Report> RunRegister(const Setting& setting);  // R1
absl::StatusOr<Report> RunFanOut(const Setting& setting);    // W1
absl::StatusOr<Report> RunGrowth(const Setting& setting);    // G1

inline constexpr char kRegisterMethod[] = "/omninode.registry.v1.RegistryService/Register";

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_SCENARIOS_H_
