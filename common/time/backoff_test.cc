#include "common/time/backoff.h"

#include <cstdint>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace omninode {
namespace {

constexpr Backoff::Options kOptions = {.initial = absl::Milliseconds(100),
                                       .max = absl::Milliseconds(800)};

RC_GTEST_PROP(Backoff, StaysBetweenHalfAndAllOfADoublingBound, (std::uint64_t seed)) {
  Backoff backoff(kOptions, seed);
  for (const int bound : {100, 200, 400, 800, 800, 800}) {
    const absl::Duration delay = backoff.Next();
    RC_ASSERT(delay >= absl::Milliseconds(bound) / 2);
    RC_ASSERT(delay <= absl::Milliseconds(bound));
  }
}

RC_GTEST_PROP(Backoff, StartsAgainAfterReset, (std::uint64_t seed)) {
  Backoff backoff(kOptions, seed);
  for (int i = 0; i < 5; ++i) backoff.Next();
  backoff.Reset();
  RC_ASSERT(backoff.Next() <= kOptions.initial);
}

RC_GTEST_PROP(Backoff, RepeatsItselfForTheSameSeed, (std::uint64_t seed)) {
  Backoff first(kOptions, seed);
  Backoff second(kOptions, seed);
  for (int i = 0; i < 10; ++i) RC_ASSERT(first.Next() == second.Next());
}

TEST(Backoff, DiffersBetweenSeeds) {
  std::map<absl::Duration, int> delays;
  for (std::uint64_t seed = 0; seed < 100; ++seed) ++delays[Backoff(kOptions, seed).Next()];
  EXPECT_GT(delays.size(), 95U);
}

RC_GTEST_PROP(Jittered, StaysWithinItsFraction, (std::uint64_t random)) {
  const absl::Duration base = absl::Seconds(10);
  const absl::Duration delay = Jittered(base, 0.2, random);
  RC_ASSERT(delay >= absl::Seconds(8) && delay <= absl::Seconds(12));
  RC_ASSERT(Jittered(base, 0.0, random) == base);
}

TEST(Jittered, FallsOnBothSidesOfTheBase) {
  int below = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    if (Jittered(absl::Seconds(1), 0.5, i) < absl::Seconds(1)) ++below;
  }
  EXPECT_GT(below, 400);
  EXPECT_LT(below, 600);
}

}  // namespace
}  // namespace omninode
