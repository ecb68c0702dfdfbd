#include "services/bootstrap/api/trust_cursor.h"

#include <gtest/gtest.h>

namespace omninode::bootstrap {
namespace {

using Step = TrustCursor::Step;
const MonotonicTime kStart = MonotonicTime::SinceBoot(absl::Hours(1));

TEST(TrustCursor, BeginsWithTheStateForWhoHasAnother) {
  TrustCursor newcomer(0);
  EXPECT_EQ(newcomer.Next(7, kStart), Step::kState);
  EXPECT_EQ(newcomer.Next(7, kStart), Step::kWait);
}

TEST(TrustCursor, BeginsWithAWordForWhoHasIt) {
  TrustCursor cursor(7);
  EXPECT_EQ(cursor.Next(7, kStart), Step::kKeepAlive);
  EXPECT_EQ(cursor.Next(7, kStart), Step::kWait);
}

TEST(TrustCursor, SaysEveryChange) {
  TrustCursor cursor(7);
  cursor.Next(7, kStart);
  EXPECT_EQ(cursor.Next(8, kStart), Step::kState);
  EXPECT_EQ(cursor.Next(8, kStart), Step::kWait);
  EXPECT_EQ(cursor.Next(11, kStart), Step::kState);
}

TEST(TrustCursor, SaysWhenTheSequenceFell) {
  TrustCursor cursor(7);
  EXPECT_EQ(cursor.Next(3, kStart), Step::kState);
  EXPECT_EQ(cursor.Next(3, kStart), Step::kWait);
}

TEST(TrustCursor, KeepsAliveAtTheInterval) {
  TrustCursor cursor(7);
  cursor.Next(7, kStart);
  const MonotonicTime due = kStart + TrustCursor::kKeepAlive;
  EXPECT_EQ(cursor.Next(7, due - absl::Milliseconds(1)), Step::kWait);
  EXPECT_EQ(cursor.Next(7, due), Step::kKeepAlive);
  EXPECT_EQ(cursor.Next(7, due), Step::kWait);
}

TEST(TrustCursor, AChangePutsOffTheNextKeepAlive) {
  TrustCursor cursor(7);
  cursor.Next(7, kStart);
  const MonotonicTime later = kStart + absl::Seconds(1);
  EXPECT_EQ(cursor.Next(8, later), Step::kState);
  EXPECT_EQ(cursor.Next(8, kStart + TrustCursor::kKeepAlive), Step::kWait);
  EXPECT_EQ(cursor.Next(8, later + TrustCursor::kKeepAlive), Step::kKeepAlive);
}

}  // namespace
}  // namespace omninode::bootstrap
