#include "services/registry/admission/in_flight.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

TEST(InFlightTest, AdmitsUpToTheCapAndShedsOneMore) {
  InFlight in_flight(2);
  auto first = in_flight.Enter();
  auto second = in_flight.Enter();
  EXPECT_TRUE(first.ok());
  EXPECT_TRUE(second.ok());
  const auto third = in_flight.Enter();
  EXPECT_EQ(ReasonOf(third.status()), Reason::kLoadShed);
  EXPECT_TRUE(RetryAfterOf(third.status()).has_value());
  EXPECT_EQ(in_flight.count(), 2u);
}

TEST(InFlightTest, ATicketGivesItsPlaceBackOnceHoweverItIsMoved) {
  InFlight in_flight(10);
  {
    auto ticket = *in_flight.Enter();
    InFlight::Ticket moved = std::move(ticket);
    EXPECT_EQ(in_flight.count(), 1u);
    auto other = *in_flight.Enter();
    EXPECT_EQ(in_flight.count(), 2u);
    other = std::move(moved);  // gives its own place back
    EXPECT_EQ(in_flight.count(), 1u);
  }
  EXPECT_EQ(in_flight.count(), 0u);
}

TEST(InFlightTest, ATicketMayOutliveItsOrigin) {
  std::optional<InFlight::Ticket> ticket;
  {
    InFlight in_flight(1);
    ticket = *in_flight.Enter();
  }
  ticket.reset();
}

TEST(InFlightTest, ThreadsNeverExceedTheCap) {
  constexpr std::size_t kCap = 2;
  InFlight in_flight(kCap);
  std::atomic<std::size_t> inside{0};
  std::atomic<bool> exceeded{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        const auto ticket = in_flight.Enter();
        if (!ticket.ok()) continue;
        if (++inside > kCap) exceeded = true;
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(in_flight.count(), 0u);
}

}  // namespace
}  // namespace omninode::registry
