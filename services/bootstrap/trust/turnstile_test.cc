#include "services/bootstrap/trust/turnstile.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace omninode::bootstrap {
namespace {

TEST(TurnstileTest, LetsOneThreadAtATimeThrough) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 1000;
  Turnstile turnstile;
  int counted = 0;  // guarded by the turns alone
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        Turnstile::Turn turn(turnstile);
        ++counted;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(counted, kThreads * kRounds);
}

TEST(TurnstileTest, CanBeEnteredAgain) {
  Turnstile turnstile;
  { Turnstile::Turn turn(turnstile); }
  Turnstile::Turn turn(turnstile);
}

}  // namespace
}  // namespace omninode::bootstrap
