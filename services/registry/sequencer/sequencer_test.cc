#include "services/registry/sequencer/sequencer.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/sequencer/testing/rig.h"
#include "services/registry/store/testing/fake_registry_store.h"
#include "services/registry/store/testing/storable_commands.h"

namespace omninode::registry {
namespace {

using testing::CommitFault;
using testing::Creation;
using testing::Registration;
using testing::Rig;

// Counts completions, and waits for them.
class Answers {
 public:
  CommandCompletion Next() {
    MutexLock lock(mutex_);
    const std::size_t place = answers_.size();
    answers_.emplace_back();
    return [this, place](absl::StatusOr<Answer> answer) {
      MutexLock completion_lock(mutex_);
      ASSERT_FALSE(answers_[place].has_value()) << "completed twice";
      answers_[place] = std::move(answer);
      order_.push_back(place);
      changed_.NotifyAll();
    };
  }
  // Waits until all are there, at most a minute.
  std::vector<absl::StatusOr<Answer>> Wait() {
    MutexLock lock(mutex_);
    while (order_.size() < answers_.size()) {
      if (!changed_.WaitFor(mutex_, absl::Minutes(1))) break;
    }
    EXPECT_EQ(order_.size(), answers_.size());
    std::vector<absl::StatusOr<Answer>> all;
    for (const auto& answer : answers_) all.push_back(answer.value());
    return all;
  }
  std::size_t Size() {
    MutexLock lock(mutex_);
    return answers_.size();
  }
  std::vector<std::size_t> order() {
    MutexLock lock(mutex_);
    return order_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::optional<absl::StatusOr<Answer>>> answers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::size_t> order_ ABSL_GUARDED_BY(mutex_);
};

// Opened once.
class Gate {
 public:
  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    MutexLock lock(mutex_);
    while (!open_) changed_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

class SequencerTest : public ::testing::Test {
 protected:
  void Start(Sequencer::Options options = {}) {
    sequencer_ = std::make_unique<Sequencer>(options, rig_.ownership, rig_.deps());
    Submit({Creation("tenant-a")}, Urgency::kControl);
    answers_.Wait();
  }
  void Submit(std::vector<Command> commands, Urgency urgency = Urgency::kData) {
    std::vector<Submission> batch;
    for (Command& command : commands) batch.push_back({std::move(command), answers_.Next()});
    sequencer_->Submit(std::move(batch), urgency);
  }
  // Occupies the sequencer's thread until the gate opens.
  void Block(Gate& entered, Gate& leave) {
    std::vector<Submission> batch;
    batch.push_back({Creation("tenant-a"), [&](const absl::StatusOr<Answer>&) {
                       entered.Open();
                       leave.Wait();
                     }});
    sequencer_->Submit(std::move(batch), Urgency::kControl);
    entered.Wait();
  }
  static Reason ReasonIn(const absl::StatusOr<Answer>& answer) {
    return ReasonOf(answer.status()).value_or(Reason::kInternal);
  }

  Rig rig_;
  Answers answers_;
  std::unique_ptr<Sequencer> sequencer_;
};

TEST_F(SequencerTest, CompletesEachCommandOnceFromManyThreads) {
  Start();
  constexpr int kThreads = 4;
  constexpr std::uint64_t kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (std::uint64_t i = 1; i <= kEach; ++i) {
        Submit({Registration({.id = "node-" + std::to_string(t), .sequence = i})});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& answer : answers_.Wait()) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(rig_.leases.size(), static_cast<std::size_t>(kThreads));
  // One turn later, what the turns before have committed is counted.
  Submit({Creation("tenant-a")}, Urgency::kControl);
  answers_.Wait();
  EXPECT_EQ(sequencer_->committed_groups(), rig_.store.seq());
  EXPECT_EQ(sequencer_->waiting(), 0u);
}

TEST_F(SequencerTest, CommandsOfOneNodeKeepTheirOrderHoweverTheyAreGrouped) {
  Start();
  std::vector<Command> batch;
  for (std::uint64_t i = 1; i <= 20; ++i) batch.push_back(Registration({.sequence = i}));
  Submit(std::move(batch));
  const auto answers = answers_.Wait();
  // Out of order, some would be STALE_SEQUENCE.
  for (const auto& answer : answers) EXPECT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(std::ranges::is_sorted(answers_.order()));
}

TEST_F(SequencerTest, CommandsThatArriveTogetherShareACommit) {
  Start();
  Gate entered, leave;
  Block(entered, leave);
  const std::uint64_t before = rig_.store.seq();
  for (int i = 0; i < 30; ++i) Submit({Registration({.id = "node-" + std::to_string(i)})});
  EXPECT_EQ(sequencer_->waiting(), 30u);
  leave.Open();
  answers_.Wait();
  EXPECT_EQ(rig_.store.seq(), before + 1);
}

TEST_F(SequencerTest, AGroupHasABound) {
  Start({.max_group = 10});
  Gate entered, leave;
  Block(entered, leave);
  const std::uint64_t before = rig_.store.seq();
  for (int i = 0; i < 11; ++i) Submit({Registration({.id = "node-" + std::to_string(i)})});
  leave.Open();
  answers_.Wait();
  EXPECT_EQ(rig_.store.seq(), before + 2);
}

TEST_F(SequencerTest, AFullQueueShedsTheWholeBatchAtOnce) {
  Start({.control_capacity = 2, .data_capacity = 3});
  Gate entered, leave;
  Block(entered, leave);
  Submit({Registration({.id = "a"}), Registration({.id = "b"})});
  Submit({Registration({.id = "c"}), Registration({.id = "d"})});  // one too many
  Submit({Registration({.id = "e"})});                             // fits
  Submit({Creation("x"), Creation("y")}, Urgency::kControl);       // a queue of its own
  Submit({Creation("z")}, Urgency::kControl);
  EXPECT_EQ(answers_.order(), (std::vector<std::size_t>{0, 3, 4, 8}));
  leave.Open();
  const auto answers = answers_.Wait();
  for (const std::size_t shed : {3, 4, 8}) {
    EXPECT_EQ(ReasonIn(answers[shed]), Reason::kLoadShed);
    EXPECT_TRUE(RetryAfterOf(answers[shed].status()).has_value());
  }
  for (const std::size_t taken : {1, 2, 5, 6, 7}) EXPECT_TRUE(answers[taken].ok());
}

TEST_F(SequencerTest, WhileTheStoreIsAwayWritesAreRefusedAndAfterwardsTheyAreNot) {
  Gate away, back;
  rig_.on_store_status = [&](const absl::Status& status) { (status.ok() ? back : away).Open(); };
  Start();
  rig_.store.SetAway(absl::UnavailableError("away"));
  Submit({Registration({})});
  EXPECT_EQ(ReasonIn(answers_.Wait().back()), Reason::kStoreUnavailable);
  away.Wait();
  rig_.store.SetAway(absl::OkStatus());
  back.Wait();  // noticed by an idle loop, without a commit
  Submit({Registration({})});
  EXPECT_TRUE(answers_.Wait().back().ok());
}

// With the store of production: what was answered is there when it is read again.
TEST_F(SequencerTest, WhatWasAnsweredIsInTheRealStore) {
  testing::FakeRegistryStore store;
  const Ownership ownership = *store.Acquire("me", rig_.clock.Now());
  sequencer_ = std::make_unique<Sequencer>(Sequencer::Options(), ownership, rig_.deps(store));
  Submit({Creation("tenant-a")}, Urgency::kControl);
  answers_.Wait();
  Submit({testing::StorableRegistration({.id = "a"}), testing::StorableRegistration({.id = "b"}),
          testing::StorableRegistration({.id = "a", .sequence = 2, .capability = "2"})});
  answers_.Wait();
  store.faults().Fail(sql::FaultPoint::kBegin, sql::Fault::kBusy);
  Submit({testing::StorableRegistration({.id = "lost"})});
  EXPECT_EQ(ReasonIn(answers_.Wait().back()), Reason::kStoreUnavailable);
  // Written, although the store said nothing.
  store.faults().Fail(sql::FaultPoint::kCommitted, sql::Fault::kIoError);
  Submit({testing::StorableRegistration({.id = "unknown"})});
  EXPECT_TRUE(answers_.Wait().back().ok());
  sequencer_.reset();
  EXPECT_EQ(testing::Describe(*store.Load()), testing::Describe(rig_.table.StateForWriter()));
}

TEST_F(SequencerTest, StoppingCompletesWhatWaitsAndRefusesWhatComes) {
  Start();
  Gate entered;
  // Holds the group in progress until the destructor has closed the queue.
  std::vector<Submission> batch;
  batch.push_back({Creation("tenant-a"), [&, sequencer = sequencer_.get()](const auto&) {
                     entered.Open();
                     // Shared: probes that were taken are answered after this loop.
                     const auto refused = std::make_shared<absl::Status>();
                     while (ReasonOf(*refused) != Reason::kShuttingDown) {
                       std::vector<Submission> probe;
                       probe.push_back({Creation("tenant-a"),
                                        [refused, done = answers_.Next()](auto answer) mutable {
                                          *refused = answer.status();
                                          std::move(done)(std::move(answer));
                                        }});
                       sequencer->Submit(std::move(probe), Urgency::kControl);
                       std::this_thread::yield();
                     }
                   }});
  sequencer_->Submit(std::move(batch), Urgency::kControl);
  entered.Wait();
  const std::size_t first = answers_.Size();
  Submit({Registration({.sequence = 1}), Registration({.sequence = 2})});
  sequencer_.reset();
  const auto answers = answers_.Wait();
  EXPECT_EQ(ReasonIn(answers.back()), Reason::kShuttingDown);
  EXPECT_GT(answers.size(), first);
  for (std::size_t i = 1; i < answers.size(); ++i) {
    const Reason reason = ReasonIn(answers[i]);
    EXPECT_TRUE(reason == Reason::kShuttingDown || reason == Reason::kLoadShed);
  }
  EXPECT_EQ(rig_.leases.size(), 0u);
}

}  // namespace
}  // namespace omninode::registry
