#include "services/registry/watch/wait_table.h"

#include <memory>
#include <optional>
#include <utility>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

using directory::Position;

MonotonicTime At(int seconds) { return MonotonicTime::SinceBoot(absl::Seconds(seconds)); }

class WaitTableTest : public ::testing::Test {
 protected:
  WaitTableTest() { table_.Advance(ns_, {2, 10}); }

  // What the caller was told, if anything.
  struct Told {
    std::optional<absl::StatusOr<Position>> answer;
    int times = 0;

    std::optional<Reason> reason() const { return ReasonOf(answer.value().status()); }
    Position position() const { return answer.value().value(); }
  };

  std::shared_ptr<Told> Add(Position position, int deadline = 100) {
    auto told = std::make_shared<Told>();
    table_.Add(ns_, position, At(deadline), [told](absl::StatusOr<Position> answer) {
      told->answer = std::move(answer);
      ++told->times;
    });
    return told;
  }

  const NamespaceName ns_ = *NamespaceName::Parse("tenant-a");
  WaitTable table_{3};
};

TEST_F(WaitTableTest, AReachedPositionIsAnsweredAtOnceWithTheHead) {
  EXPECT_EQ(Add({2, 10})->position(), (Position{2, 10}));
  EXPECT_EQ(Add({2, 1})->position(), (Position{2, 10}));
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(WaitTableTest, AnOlderIncarnationIsRefused) {
  EXPECT_EQ(Add({1, 5})->reason(), Reason::kRevisionCompacted);
}

TEST_F(WaitTableTest, AnUnknownNamespaceIsRefused) {
  std::optional<Reason> reason;
  table_.Add(*NamespaceName::Parse("other"), {1, 1}, At(1),
             [&](absl::StatusOr<Position> answer) { reason = ReasonOf(answer.status()); });
  EXPECT_EQ(reason, Reason::kNamespaceUnknown);
}

TEST_F(WaitTableTest, CompletesWhoWaitedForTheHeadAndNobodyElse) {
  const auto at_11 = Add({2, 11});
  const auto at_12 = Add({2, 12});
  EXPECT_TRUE(table_.Advance(ns_, {2, 11}));
  EXPECT_EQ(at_11->times, 0) << "Advance runs on the sequencer's thread";
  table_.Complete(At(0));
  EXPECT_EQ(at_11->position(), (Position{2, 11}));
  EXPECT_EQ(at_12->times, 0);
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_FALSE(table_.Advance(ns_, {2, 11}));
}

TEST_F(WaitTableTest, TheHeadNeverGoesBack) {
  table_.Advance(ns_, {2, 9});
  EXPECT_EQ(Add({2, 10})->position(), (Position{2, 10}));
}

TEST_F(WaitTableTest, ANewIncarnationEndsWaitingForTheOldOne) {
  const auto old = Add({2, 11});
  const auto ahead = Add({3, 4});
  EXPECT_TRUE(table_.Advance(ns_, {3, 1}));
  table_.Complete(At(0));
  EXPECT_EQ(old->reason(), Reason::kRevisionCompacted);
  EXPECT_EQ(ahead->times, 0);
}

TEST_F(WaitTableTest, DeadlinesAreKept) {
  const auto soon = Add({2, 11}, 5);
  const auto later = Add({2, 11}, 6);
  EXPECT_EQ(table_.Complete(At(4)), At(5));
  EXPECT_EQ(soon->times, 0);
  EXPECT_EQ(table_.Complete(At(5)), At(6));
  EXPECT_EQ(soon->reason(), Reason::kDeadline);
  EXPECT_EQ(later->times, 0);
  table_.Advance(ns_, {2, 11});
  EXPECT_EQ(table_.Complete(At(7)), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(later->position(), (Position{2, 11})) << "reached goes before expired";
  EXPECT_EQ(soon->times, 1);
}

TEST_F(WaitTableTest, HasABound) {
  for (int i = 0; i < 3; ++i) Add({2, 11});
  EXPECT_EQ(Add({2, 11})->reason(), Reason::kLoadShed);
  EXPECT_EQ(Add({2, 10})->position(), (Position{2, 10})) << "who need not wait takes no place";
  table_.Advance(ns_, {2, 11});
  table_.Complete(At(0));
  EXPECT_EQ(Add({2, 12})->times, 0);
}

TEST_F(WaitTableTest, CloseEndsAllWaitingForEver) {
  const auto waiting = Add({2, 11});
  table_.Close();
  EXPECT_EQ(waiting->reason(), Reason::kShuttingDown);
  EXPECT_EQ(Add({2, 11})->reason(), Reason::kShuttingDown);
  table_.Advance(ns_, {2, 12});
  EXPECT_EQ(table_.Complete(At(1000)), MonotonicTime::InfiniteFuture());
  EXPECT_EQ(waiting->times, 1);
}

TEST_F(WaitTableTest, ACompletionMayAskAgain) {
  int answers = 0;
  table_.Add(ns_, {2, 11}, At(100), [&](absl::StatusOr<Position>) {
    ++answers;
    table_.Add(ns_, {2, 11}, At(100), [&](absl::StatusOr<Position>) { ++answers; });
  });
  table_.Advance(ns_, {2, 11});
  table_.Complete(At(0));
  EXPECT_EQ(answers, 2);
}

}  // namespace
}  // namespace omninode::registry
