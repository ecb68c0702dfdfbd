#include "services/registry/store/change_record_codec.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/store/testing/storable_commands.h"

namespace omninode::registry {
namespace {

using testing::Describe;
using testing::NodeSpec;
using testing::StorableRegistration;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

// A topology, and all records that made it.
class History {
 public:
  History() { Run({testing::Creation("tenant-a", {.default_ttl = absl::Seconds(42)})}); }

  const ChangeRecord& Run(std::vector<Command> commands) {
    harness_.now += absl::Nanoseconds(1'234'567'891);
    Plan plan = harness_.Run(std::move(commands));
    records_.push_back(std::make_unique<ChangeRecord>(std::move(plan.records.at(0))));
    for (const NodeChange& change : records_.back()->changes) Learn(change.after);
    for (const NodePtr& node : records_.back()->renewed) Learn(node);
    return *records_.back();
  }
  const ChangeRecord& record(std::size_t index) const { return *records_.at(index); }
  const AppliedRecord& applied(std::size_t index) const { return harness_.applied.at(index); }
  const TopologyState& state() const { return harness_.state; }

  ChainLookup Chains() const {
    return [this](const crypto::Sha256Digest& leaf) -> absl::StatusOr<ChainPtr> {
      const auto it = chains_.find(leaf);
      if (it != chains_.end()) return it->second;
      return absl::DataLossError("no such chain");
    };
  }
  LoggedRecord RoundTrip(const ChangeRecord& record) const {
    auto decoded = DecodeChangeRecord(EncodeChangeRecord(record), Chains());
    EXPECT_TRUE(decoded.ok()) << decoded.status();
    return *std::move(decoded);
  }

 private:
  void Learn(const NodePtr& node) {
    if (node == nullptr) return;
    const ChainPtr& chain = node->evidence->chain;
    chains_.emplace(chain->leaf_fingerprint, chain);
  }

  testing::Harness harness_;
  std::vector<std::unique_ptr<ChangeRecord>> records_;
  std::map<crypto::Sha256Digest, ChainPtr> chains_;
};

LeaseHandle LeaseOf(const History& history, const std::string& id) {
  const NamespaceState* ns = history.state().Find(NamespaceName::Parse("tenant-a").value());
  return ns->nodes().Find(NodeId::Parse(id).value())->lease;
}

TEST(ChangeRecordCodecTest, KeepsTheCreationOfANamespace) {
  History history;
  const ChangeRecord& record = history.record(0);
  const ChangeRecord decoded = history.RoundTrip(record).record;
  EXPECT_EQ(decoded.ns, record.ns);
  EXPECT_EQ(decoded.incarnation, record.incarnation);
  EXPECT_EQ(decoded.version, 0u);
  EXPECT_EQ(decoded.term, record.term);
  EXPECT_EQ(decoded.time, record.time);
  EXPECT_EQ(decoded.created, record.created);
  EXPECT_TRUE(decoded.changes.empty());
}

TEST(ChangeRecordCodecTest, KeepsAddedNodesWithTheirEvidence) {
  History history;
  NodeSpec agent_made{.id = "w2"};
  agent_made.submitter = "spiffe://example.org/agent/host-1";
  RegisterCommand registration = StorableRegistration(agent_made);
  registration.admitted.correlation_id = "deploy 17";
  const ChangeRecord& record = history.Run({StorableRegistration({}), registration});
  const LoggedRecord decoded = history.RoundTrip(record);
  ASSERT_EQ(decoded.record.changes.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const NodeChange& change = decoded.record.changes[i];
    EXPECT_EQ(change.kind, directory::ChangeKind::kAdded);
    EXPECT_EQ(Describe(*change.after), Describe(*record.changes[i].after));
    EXPECT_EQ(change.actor, record.changes[i].actor);
    EXPECT_EQ(change.decision, record.changes[i].decision);
    EXPECT_EQ(change.correlation_id, record.changes[i].correlation_id);
    EXPECT_EQ(change.before, nullptr);
    EXPECT_EQ(change.departed, nullptr);
  }
  EXPECT_EQ(decoded.previous_versions, (std::vector<std::uint64_t>{0, 0}));
}

TEST(ChangeRecordCodecTest, TellsTheLogAsItWasApplied) {
  History history;
  history.Run({StorableRegistration({})});
  NodeSpec changed{.sequence = 2, .zone = "eu-1"};
  history.Run({StorableRegistration(changed)});
  history.Run({testing::Expiry(changed, LeaseOf(history, "worker-1"))});
  for (std::size_t i = 1; i < 4; ++i) {
    const LoggedVersion version = ToLoggedVersion(history.RoundTrip(history.record(i)), 10 + i);
    EXPECT_EQ(version.diff, history.applied(i).diff);
    EXPECT_EQ(version.previous_version, history.applied(i).previous_version);
    EXPECT_EQ(version.seq, 10 + i);
    EXPECT_EQ(version.term, history.record(i).term);
    ASSERT_EQ(version.after.size(), 1u);
    EXPECT_EQ(version.after[0] == nullptr, i == 3);
  }
}

TEST(ChangeRecordCodecTest, KeepsTheHealthThatAHeartbeatTold) {
  History history;
  history.Run({StorableRegistration({})});
  const HealthCommand command{
      {NamespaceName::Parse("tenant-a").value(), NodeId::Parse("worker-1").value()},
      LeaseOf(history, "worker-1"),
      directory::Health::kNotServing};
  const LoggedRecord decoded = history.RoundTrip(history.Run({command}));
  const NodeChange& change = decoded.record.changes.at(0);
  EXPECT_EQ(change.after->view->introspection.health(), directory::Health::kNotServing);
  EXPECT_EQ(change.changed_fields, directory::ChangedFields({directory::ChangedField::kHealth}));
  EXPECT_EQ(decoded.previous_versions, std::vector<std::uint64_t>{1});
}

TEST(ChangeRecordCodecTest, KeepsDepartures) {
  History history;
  history.Run({StorableRegistration({})});
  const ChangeRecord& record = history.Run({testing::Goodbye({.sequence = 2})});
  const LoggedRecord decoded = history.RoundTrip(record);
  const NodeChange& change = decoded.record.changes.at(0);
  EXPECT_EQ(change.kind, directory::ChangeKind::kRemoved);
  EXPECT_EQ(change.after, nullptr);
  ASSERT_NE(change.departed, nullptr);
  EXPECT_EQ(change.departed->tombstone, record.changes[0].departed->tombstone);
  EXPECT_EQ(change.departed->last_message, record.changes[0].departed->last_message);
  EXPECT_EQ(change.departed->signer, record.changes[0].departed->signer);
}

TEST(ChangeRecordCodecTest, KeepsRenewalsAndReceipts) {
  History history;
  history.Run({StorableRegistration({}), StorableRegistration({.id = "w2"})});
  RemoveCommand removal = testing::Expiry({.id = "w2"}, LeaseHandle());
  removal.only_lease.reset();
  removal.request = AdminRequest{"alice", "request-1", crypto::Sha256("what")};
  const ChangeRecord& record =
      history.Run({StorableRegistration({.sequence = 2}), std::move(removal)});
  const ChangeRecord decoded = history.RoundTrip(record).record;
  ASSERT_EQ(decoded.renewed.size(), 1u);
  EXPECT_EQ(Describe(*decoded.renewed[0]), Describe(*record.renewed[0]));
  ASSERT_EQ(decoded.receipts.size(), 1u);
  EXPECT_EQ(decoded.receipts[0].request.principal, "alice");
  EXPECT_EQ(decoded.receipts[0].request.request_id, "request-1");
  EXPECT_EQ(decoded.receipts[0].request.digest, crypto::Sha256("what"));
  EXPECT_EQ(decoded.receipts[0].time, record.time);
  EXPECT_EQ(decoded.receipts[0].node, record.receipts[0].node);
}

TEST(ChangeRecordCodecTest, KeepsAReceiptWithoutANode) {
  History history;
  ChangeRecord record = history.record(0);
  record.receipts.push_back({{"alice", "request-1", crypto::Sha256("x")}, record.time, {}});
  EXPECT_EQ(history.RoundTrip(record).record.receipts.at(0).node, std::nullopt);
}

TEST(ChangeRecordCodecTest, EqualRecordsHaveEqualBytes) {
  History one;
  History other;
  EXPECT_EQ(EncodeChangeRecord(one.Run({StorableRegistration({})})),
            EncodeChangeRecord(other.Run({StorableRegistration({})})));
}

TEST(ChangeRecordCodecTest, FindsTheEvidenceWithoutLookingInside) {
  History history;
  history.Run({StorableRegistration({}), StorableRegistration({.id = "w2"})});
  const ChangeRecord& record = history.Run({StorableRegistration({.sequence = 2, .zone = "eu-1"}),
                                            testing::Goodbye({.id = "w2", .sequence = 2})});
  const auto found = EvidenceIn(EncodeChangeRecord(record));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->at(0).node.value(), "worker-1");
  EXPECT_EQ(found->at(0).evidence, EncodeEvidence(*record.changes[1].after->evidence));
  const auto evidence = DecodeEvidence(found->at(0).evidence, history.Chains());
  ASSERT_TRUE(evidence.ok());
  EXPECT_EQ((*evidence)->body, record.changes[1].after->evidence->body);
}

TEST(ChangeRecordCodecTest, KeepsCertificateChains) {
  const CertificateChain chain{crypto::Sha256("leaf"), {"leaf", "", std::string("\0\xff", 2)}};
  const auto decoded = DecodeChain(chain.leaf_fingerprint, EncodeChain(chain));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ((*decoded)->der, chain.der);
  EXPECT_EQ((*decoded)->leaf_fingerprint, chain.leaf_fingerprint);
}

TEST(ChangeRecordCodecTest, DamagedBytesAreDataLossAndNeverACrash) {
  History history;
  history.Run({StorableRegistration({})});
  const ChangeRecord& record = history.Run({testing::Goodbye({.sequence = 2})});
  for (const ChangeRecord* one : {&history.record(0), &history.record(1), &record}) {
    const std::string bytes = EncodeChangeRecord(*one);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = DecodeChangeRecord(bytes.substr(0, size), history.Chains());
      EXPECT_TRUE(decoded.ok() || decoded.status().code() == kDataLoss) << size;
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ 0x01);
      const auto decoded = DecodeChangeRecord(flipped, history.Chains());
      EXPECT_TRUE(decoded.ok() || decoded.status().code() == kDataLoss) << i;
      EvidenceIn(flipped).IgnoreError();
    }
  }
  EXPECT_EQ(DecodeChangeRecord("", history.Chains()).status().code(), kDataLoss);
  EXPECT_EQ(DecodeChangeRecord("\xff", history.Chains()).status().code(), kDataLoss);
  EXPECT_EQ(EvidenceIn("\xff").status().code(), kDataLoss);
  EXPECT_EQ(DecodeEvidence("\xff", history.Chains()).status().code(), kDataLoss);
  EXPECT_EQ(DecodeChain({}, "\xff").status().code(), kDataLoss);
}

TEST(ChangeRecordCodecTest, AMissingCertificateIsDataLoss) {
  History history;
  const std::string bytes = EncodeChangeRecord(history.Run({StorableRegistration({})}));
  const auto decoded = DecodeChangeRecord(
      bytes, [](const auto&) -> absl::StatusOr<ChainPtr> { return absl::DataLossError("gone"); });
  EXPECT_EQ(decoded.status().code(), kDataLoss);
}

TEST(ChangeRecordCodecTest, AChangeThatDoesNotFitItsResultIsDataLoss) {
  History history;
  ChangeRecord record = history.Run({StorableRegistration({})});
  record.changes[0].kind = directory::ChangeKind::kRemoved;
  EXPECT_EQ(DecodeChangeRecord(EncodeChangeRecord(record), history.Chains()).status().code(),
            kDataLoss);
}

}  // namespace
}  // namespace omninode::registry
