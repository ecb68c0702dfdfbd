#include "services/registry/departure/eviction_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;
using testing::NodeSpec;
using testing::Registration;

class FakeSink final : public CommandSink {
 public:
  void Submit(std::vector<Submission> batch, Urgency urgency) override {
    EXPECT_EQ(urgency, Urgency::kControl);
    batches.push_back(batch.size());
    for (Submission& submission : batch) waiting.push_back(std::move(submission));
  }
  void AnswerAll(const absl::StatusOr<Answer>& answer) {
    for (Submission& submission : std::exchange(waiting, {})) std::move(submission.done)(answer);
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const Submission& submission : waiting) {
      ids.push_back(std::get<RemoveCommand>(submission.command).node.id.value());
    }
    return ids;
  }

  std::vector<std::size_t> batches;
  std::vector<Submission> waiting;
};

class EvictionScanTest : public ::testing::Test {
 protected:
  EvictionScanTest() { Apply({Creation("tenant-a"), Creation("tenant-b")}); }

  // Through the harness, which plans, into the table, which applies.
  void Apply(std::vector<Command> commands) {
    for (const ChangeRecord& record : harness_.Run(std::move(commands)).records) {
      ASSERT_TRUE(table_.Apply(record).ok());
    }
  }
  identity::TrustStatePtr Banning(const std::vector<NodeSpec>& specs) {
    std::vector<identity::Ban> bans;
    for (const NodeSpec& spec : specs) {
      bans.push_back({*identity::SpiffeId::Parse(SpiffeIdOf(spec)), harness_.now, false});
    }
    auto trust = std::make_shared<identity::TrustState>(*harness_.trust);
    trust->revocations = *identity::Revocations::Create({}, bans);
    return trust;
  }

  testing::Harness harness_;
  TopologyTable table_{TopologyState()};
  FakeSink sink_;
  EvictionScan scan_{table_, sink_, "spiffe://example.org/service/registry/registry-1"};
};

TEST_F(EvictionScanTest, NothingToGoByIsNothingToDo) {
  Apply({Registration({})});
  EXPECT_EQ(scan_.Run(nullptr), EvictionScan::kSafety);
  EXPECT_EQ(scan_.Run(harness_.trust), EvictionScan::kSafety);
  EXPECT_TRUE(sink_.waiting.empty());
}

TEST_F(EvictionScanTest, RemovesWhoIsNoLongerAcceptedInEveryNamespace) {
  const NodeSpec bad{.id = "bad"};
  const NodeSpec worse{.ns = "tenant-b", .id = "worse"};
  Apply({Registration(bad), Registration({.id = "good"}), Registration(worse)});
  EXPECT_EQ(scan_.Run(Banning({bad, worse})), EvictionScan::kRetry);
  EXPECT_THAT(sink_.Ids(), ::testing::ElementsAre("bad", "worse"));
  const auto& command = std::get<RemoveCommand>(sink_.waiting[0].command);
  EXPECT_EQ(command.reason, directory::RemovalReason::kIdentityRevoked);
  EXPECT_EQ(command.actor, "spiffe://example.org/service/registry/registry-1");
  EXPECT_TRUE(directory::CheckReasonText(command.reason_text).ok());
  EXPECT_EQ(command.only_lease, table_.FindNode(command.node)->node->lease);
}

TEST_F(EvictionScanTest, DoesNotAskAgainBeforeItIsAnswered) {
  Apply({Registration({})});
  const auto trust = Banning({{}});
  scan_.Run(trust);
  EXPECT_EQ(scan_.Run(trust), EvictionScan::kRetry);
  EXPECT_EQ(sink_.waiting.size(), 1u);
}

TEST_F(EvictionScanTest, WhatWasRefusedIsAskedForAgainSoon) {
  Apply({Registration({})});
  const auto trust = Banning({{}});
  EXPECT_EQ(scan_.Run(trust), EvictionScan::kRetry);
  sink_.AnswerAll(Reject(Reason::kStoreUnavailable, "away"));
  EXPECT_EQ(scan_.Run(trust), EvictionScan::kRetry);
  EXPECT_EQ(sink_.waiting.size(), 1u);
}

TEST_F(EvictionScanTest, RestsWhenAllAreGone) {
  Apply({Registration({})});
  const auto trust = Banning({{}});
  scan_.Run(trust);
  harness_.trust = trust;
  Apply({std::get<RemoveCommand>(sink_.waiting[0].command)});
  sink_.AnswerAll(Answer(NothingToDo{}));
  EXPECT_EQ(scan_.Run(trust), EvictionScan::kSafety);
  EXPECT_TRUE(sink_.waiting.empty());
}

TEST_F(EvictionScanTest, ManyGoInBatchesThatAQueueCanTake) {
  std::vector<Command> commands;
  std::vector<NodeSpec> specs;
  for (std::size_t i = 0; i <= EvictionScan::kBatch; ++i) {
    specs.push_back({.id = "node-" + std::to_string(i)});
    commands.push_back(Registration(specs.back()));
  }
  Apply(std::move(commands));
  scan_.Run(Banning(specs));
  EXPECT_THAT(sink_.batches, ::testing::ElementsAre(EvictionScan::kBatch, 1u));
}

TEST_F(EvictionScanTest, AnswersMayOutliveIt) {
  Apply({Registration({})});
  {
    EvictionScan scan(table_, sink_, "spiffe://example.org/service/registry/registry-1");
    scan.Run(Banning({{}}));
  }
  sink_.AnswerAll(Answer(NothingToDo{}));
}

}  // namespace
}  // namespace omninode::registry
