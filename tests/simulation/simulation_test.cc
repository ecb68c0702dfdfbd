#include "tests/simulation/simulation.h"

#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "common/base/text.h"

// OMNINODE_SIM_SEEDS=n    how many seeds
// OMNINODE_SIM_SEED=n     only this one, with its journal
namespace omninode::registry::simulation {
namespace {

constexpr std::uint64_t kSeeds = 1000;
constexpr std::uint64_t kRunTwice = 50;  // one in so many
constexpr std::uint64_t kDefectSeeds = 200;

std::optional<std::uint64_t> Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : ParseUint64(value);
}

std::string LastLines(const std::string& journal, std::size_t lines) {
  std::size_t place = journal.size();
  for (std::size_t i = 0; i <= lines && place != 0 && place != std::string::npos; ++i) {
    place = journal.rfind('\n', place - 1);
  }
  return place == std::string::npos ? journal : journal.substr(place + 1);
}

// The end of the journal up to the first violation.
std::string Story(const Outcome& outcome) {
  const auto place = outcome.journal.find("VIOLATION");
  const auto end = outcome.journal.find('\n', place);
  return LastLines(outcome.journal.substr(0, end == std::string::npos ? end : end + 1), 40);
}

TEST(SimulationTest, HoldsItsGuaranteesUnderEverySeed) {
  if (const auto seed = Environment("OMNINODE_SIM_SEED")) {
    const Outcome outcome = Simulate(*seed);
    std::cout << outcome.journal;
    EXPECT_EQ(outcome.violation, "");
    return;
  }
  const std::uint64_t seeds = Environment("OMNINODE_SIM_SEEDS").value_or(kSeeds);
  std::map<std::string, std::uint64_t> counts;
  absl::Duration virtual_time;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Outcome outcome = Simulate(seed);
    virtual_time += outcome.virtual_time;
    for (const auto& [what, count] : outcome.counts) counts[what] += count;
    ASSERT_EQ(outcome.violation, "") << "replay with OMNINODE_SIM_SEED=" << seed << "\n"
                                     << Story(outcome);
    if (seed % kRunTwice == 0) {
      ASSERT_EQ(Simulate(seed).trace_hash, outcome.trace_hash) << "seed " << seed;
    }
  }
  std::cout << seeds << " seeds, " << absl::ToDoubleHours(virtual_time) << " virtual hours\n";
  for (const auto& [what, count] : counts) std::cout << "  " << what << ": " << count << "\n";
  if (seeds < 100) return;
  // A fault that never happens proves nothing.
  for (const char* what : {"fault: answer lost",
                           "fault: banned",
                           "fault: beat late or doubled",
                           "fault: beat lost",
                           "fault: commit failed",
                           "fault: commit fenced",
                           "fault: deposed",
                           "fault: instance killed",
                           "fault: namespace cut off",
                           "fault: old message",
                           "fault: outcome unknown, lost",
                           "fault: outcome unknown, written",
                           "fault: own pause",
                           "fault: request doubled",
                           "fault: request lost",
                           "fault: slow commit",
                           "fault: store away",
                           "fault: wall clock steps",
                           "refused: IDENTITY_BANNED",
                           "refused: LOAD_SHED",
                           "refused: NOT_OWNER",
                           "refused: QUOTA_NODES",
                           "refused: STALE_SEQUENCE",
                           "refused: STORE_UNAVAILABLE",
                           "removed: graceful_shutdown",
                           "removed: identity_revoked",
                           "removed: lease_expired",
                           "repeated answers",
                           "resyncs",
                           "steps with a brake",
                           "told to register again",
                           "watch resumes"}) {
    EXPECT_GT(counts[what], 0u) << what;
  }
}

// A simulation that finds nothing may be one that cannot find anything.
class DefectTest : public ::testing::TestWithParam<std::pair<Defect, const char*>> {};

TEST_P(DefectTest, IsFound) {
  const auto [defect, complaint] = GetParam();
  for (std::uint64_t seed = 1; seed <= kDefectSeeds; ++seed) {
    const Outcome outcome = Simulate(seed, defect);
    if (outcome.violation.empty()) continue;
    std::cout << "seed " << seed << ": " << outcome.violation << "\n";
    EXPECT_NE(outcome.violation.find(complaint), std::string::npos) << outcome.violation;
    return;
  }
  FAIL() << "not found in " << kDefectSeeds << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Defects, DefectTest,
                         ::testing::Values(std::pair(Defect::kLoseAnAcknowledgedGroup, ""),
                                           std::pair(Defect::kForgetTombstones, ""),
                                           std::pair(Defect::kExpireEarly, "G16"),
                                           std::pair(Defect::kLoseADiff, "G1-G7"),
                                           std::pair(Defect::kRemoveThoughRenewed, "G16")));

}  // namespace
}  // namespace omninode::registry::simulation
