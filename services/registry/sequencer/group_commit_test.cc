#include "services/registry/sequencer/group_commit.h"

#include <deque>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

// Says what it is told to say.
class StubStore final : public RegistryStore {
 public:
  absl::StatusOr<Ownership> Acquire(std::string_view, absl::Time) override { return Ownership{}; }
  absl::StatusOr<TopologyState> Load() override { return TopologyState(); }
  absl::StatusOr<std::vector<LoggedVersion>> ReadLog(std::size_t) override {
    return std::vector<LoggedVersion>();
  }
  CommitResult Commit(std::uint64_t term, std::uint64_t seq,
                      std::span<const ChangeRecord>) override {
    commits.emplace_back(term, seq);
    return {outcome, outcome == CommitOutcome::kCommitted ? absl::OkStatus()
                                                          : absl::UnavailableError("scripted")};
  }
  absl::StatusOr<std::uint64_t> Head() override {
    auto head = heads.front();
    heads.pop_front();
    return head;
  }
  absl::StatusOr<std::size_t> Compact(std::uint64_t, std::size_t) override { return 0; }
  absl::Status Check() override { return absl::OkStatus(); }

  CommitOutcome outcome = CommitOutcome::kCommitted;
  std::deque<absl::StatusOr<std::uint64_t>> heads;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> commits;  // {term, seq}
};

class GroupCommitTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kTerm = 3;
  static constexpr std::uint64_t kSeq = 7;

  absl::Status Commit(CommitOutcome outcome) {
    store_.outcome = outcome;
    return commit_.Commit({});
  }
  absl::Status Commit(CommitOutcome outcome, std::deque<absl::StatusOr<std::uint64_t>> heads) {
    store_.heads = std::move(heads);
    return Commit(outcome);
  }

  StubStore store_;
  std::vector<absl::Status> waits_;
  bool go_on_ = true;
  GroupCommit commit_{
      store_, {.term = kTerm, .seq = kSeq, .secret = {}}, [this](const absl::Status& why) {
        waits_.push_back(why);
        return go_on_;
      }};
};

TEST_F(GroupCommitTest, ACommittedGroupIsCounted) {
  EXPECT_TRUE(Commit(CommitOutcome::kCommitted).ok());
  EXPECT_TRUE(Commit(CommitOutcome::kCommitted).ok());
  EXPECT_EQ(commit_.seq(), kSeq + 2);
  EXPECT_EQ(store_.commits,
            (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{kTerm, 8}, {kTerm, 9}}));
}

TEST_F(GroupCommitTest, AFailedGroupMayBeTriedAgainUnderItsNumber) {
  const absl::Status failed = Commit(CommitOutcome::kFailed);
  EXPECT_EQ(ReasonOf(failed), Reason::kStoreUnavailable);
  EXPECT_TRUE(RetryAfterOf(failed).has_value());
  EXPECT_FALSE(commit_.deposed());
  EXPECT_TRUE(Commit(CommitOutcome::kCommitted).ok());
  EXPECT_EQ(store_.commits[0], store_.commits[1]);
}

TEST_F(GroupCommitTest, AnUnknownOutcomeThatWasWrittenIsASuccess) {
  EXPECT_TRUE(Commit(CommitOutcome::kUnknown, {kSeq + 1}).ok());
  EXPECT_EQ(commit_.seq(), kSeq + 1);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(GroupCommitTest, AnUnknownOutcomeThatWasLostIsAFailure) {
  EXPECT_EQ(ReasonOf(Commit(CommitOutcome::kUnknown, {kSeq})), Reason::kStoreUnavailable);
  EXPECT_EQ(commit_.seq(), kSeq);
  EXPECT_FALSE(commit_.deposed());
}

TEST_F(GroupCommitTest, AsksUntilTheStoreTells) {
  const absl::Status broken = absl::UnavailableError("broken");
  EXPECT_TRUE(Commit(CommitOutcome::kUnknown, {broken, broken, kSeq + 1}).ok());
  EXPECT_EQ(store_.commits.size(), 1u);
  ASSERT_EQ(waits_.size(), 2u);
  EXPECT_EQ(ReasonOf(waits_[0]), Reason::kStoreUnavailable);
}

TEST_F(GroupCommitTest, WhoGivesUpBeforeTheOutcomeIsKnownWritesNothingMore) {
  go_on_ = false;
  EXPECT_EQ(ReasonOf(Commit(CommitOutcome::kUnknown, {absl::UnavailableError("broken")})),
            Reason::kStoreUnavailable);
  EXPECT_TRUE(commit_.deposed());
  EXPECT_EQ(ReasonOf(Commit(CommitOutcome::kCommitted)), Reason::kNotOwner);
  EXPECT_EQ(store_.commits.size(), 1u);
}

TEST_F(GroupCommitTest, WhoIsFencedStaysOutForGood) {
  EXPECT_EQ(ReasonOf(Commit(CommitOutcome::kFenced)), Reason::kNotOwner);
  EXPECT_TRUE(commit_.deposed());
  EXPECT_EQ(ReasonOf(Commit(CommitOutcome::kCommitted)), Reason::kNotOwner);
  EXPECT_EQ(store_.commits.size(), 1u);
  EXPECT_EQ(commit_.seq(), kSeq);
}

// Further on than the one group that was tried, or back: somebody else writes, or history was lost.
TEST_F(GroupCommitTest, ALogThatIsNotOursAnyMoreDeposes) {
  for (const std::uint64_t head : {kSeq + 2, kSeq - 1}) {
    GroupCommit commit(store_, {.term = kTerm, .seq = kSeq, .secret = {}},
                       [](const absl::Status&) { return true; });
    store_.outcome = CommitOutcome::kUnknown;
    store_.heads = {head};
    EXPECT_EQ(ReasonOf(commit.Commit({})), Reason::kNotOwner);
    EXPECT_TRUE(commit.deposed());
    EXPECT_EQ(commit.seq(), kSeq);
  }
}

}  // namespace
}  // namespace omninode::registry
