#include "tests/contract/registry_store_contract.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace omninode::registry::testing {
namespace {

constexpr std::size_t kAll = 1'000'000;
constexpr char kAdmin[] = "spiffe://example.org/admin/alice";

LeaseHandle LeaseOf(const TopologyState& state, const NodeSpec& spec) {
  const NamespaceState* ns = state.Find(NamespaceName::Parse(spec.ns).value());
  return ns->nodes().Find(NodeId::Parse(spec.id).value())->lease;
}

directory::NodeRef RefOf(const NodeSpec& spec) {
  return {NamespaceName::Parse(spec.ns).value(), NodeId::Parse(spec.id).value()};
}

HealthCommand HealthOf(const TopologyState& state, const NodeSpec& spec, directory::Health health) {
  return {RefOf(spec), LeaseOf(state, spec), health};
}

RemoveCommand RemovalBy(const std::string& principal, const std::string& request_id,
                        const NodeSpec& spec) {
  return {.node = RefOf(spec),
          .reason = directory::RemovalReason::kManualDeregistration,
          .reason_text = "no longer needed",
          .actor = principal,
          .decision = "decision-9",
          .only_lease = std::nullopt,
          .request = AdminRequest{principal, request_id, crypto::Sha256(spec.id)}};
}

}  // namespace

void StoreDriver::Acquire() {
  auto acquired = store().Acquire("registry-1", now);
  ASSERT_TRUE(acquired.ok()) << acquired.status();
  ownership = *std::move(acquired);
}

Plan StoreDriver::RunOne(Command command) {
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  return Run(std::move(commands));
}

Plan StoreDriver::Run(std::vector<Command> commands) {
  now += absl::Seconds(1);
  Plan plan = PlanFor(state, commands, now, ownership.term);
  if (plan.records.empty()) return plan;
  CommitUntilClear(plan.records);
  for (const ChangeRecord& record : plan.records) Apply(record);
  return plan;
}

void StoreDriver::CommitUntilClear(const std::vector<ChangeRecord>& records) {
  const std::uint64_t seq = ownership.seq + 1;
  for (int attempt = 0; attempt < 10; ++attempt) {
    subject_.BeforeCommit();
    const CommitResult result = store().Commit(ownership.term, seq, records);
    ASSERT_NE(result.outcome, CommitOutcome::kFenced) << result.status;
    EXPECT_EQ(result.status.ok(), result.outcome == CommitOutcome::kCommitted);
    const auto head = store().Head();
    ASSERT_TRUE(head.ok()) << head.status();
    ASSERT_TRUE(*head == seq || *head == seq - 1);
    ASSERT_FALSE(result.outcome == CommitOutcome::kCommitted && *head != seq);
    ASSERT_FALSE(result.outcome == CommitOutcome::kFailed && *head == seq) << result.status;
    if (*head == seq) {
      ownership.seq = seq;
      return;
    }
  }
  FAIL() << "group " << seq << " was never committed";
}

void StoreDriver::Apply(const ChangeRecord& record) {
  auto applied = state.Apply(record);
  ASSERT_TRUE(applied.ok()) << applied.status();
  if (record.changes.empty()) return;
  versions.push_back({.ns = record.ns,
                      .seq = ownership.seq,
                      .term = ownership.term,
                      .previous_version = applied->previous_version,
                      .diff = std::move(applied->diff),
                      .after = std::move(applied->after)});
}

void StoreDriver::Restart() {
  subject_.Reopen();
  Acquire();
  auto loaded = store().Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  state = *std::move(loaded);
}

void RegistryStoreContract::ExpectStoreHasWhatTheDriverHas() {
  const auto loaded = driver_.store().Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(Describe(*loaded), Describe(driver_.state));
}

void RegistryStoreContract::LiveThroughEverything(const std::function<void()>& after_each_group) {
  const auto group = [&](std::vector<Command> commands) {
    driver_.Run(std::move(commands));
    after_each_group();
  };
  const auto spec = [](std::string id, std::uint64_t sequence) {
    return NodeSpec{.id = std::move(id), .sequence = sequence};
  };
  group({Creation("tenant-a"), Creation("tenant-b", {.default_ttl = absl::Seconds(30)})});
  NodeSpec other{.ns = "tenant-b", .type = "reducer", .id = "r1", .leaf = "leaf-r"};
  other.submitter = "spiffe://example.org/agent/host-1";
  group({StorableRegistration(spec("w1", 1)), StorableRegistration(spec("w2", 1)),
         StorableRegistration(spec("w3", 1)), StorableRegistration(other)});
  // Described anew, unchanged, with another certificate.
  NodeSpec changed = spec("w1", 2);
  changed.zone = "eu-1";
  changed.epoch = "blue";
  NodeSpec rotated = spec("w3", 2);
  rotated.leaf = "leaf-2";
  group({StorableRegistration(changed), StorableRegistration(spec("w2", 2)),
         StorableRegistration(rotated)});
  group({HealthOf(driver_.state, spec("w2", 0), directory::Health::kDegraded)});
  group({StorableRegistration(spec("w4", 1))});  // the log goes on after a health change
  group({Goodbye(spec("w1", 3)), RemovalBy(kAdmin, "request-1", spec("w2", 0)),
         Expiry(spec("w3", 0), LeaseOf(driver_.state, spec("w3", 0)))});
  group({StorableRegistration(spec("w1", 4))});  // and comes back
  group({Creation("tenant-c"), Goodbye([&] {
           NodeSpec leaving = other;
           leaving.sequence = 2;
           return leaving;
         }())});
  NodeSpec shorter = spec("w4", 2);
  shorter.ttl = absl::Milliseconds(12'345);
  group({StorableRegistration(shorter)});
}

TEST_P(RegistryStoreContract, AFreshStoreIsEmpty) {
  driver_.Acquire();
  EXPECT_GE(driver_.ownership.term, 1u);
  EXPECT_EQ(driver_.ownership.seq, 0u);
  EXPECT_EQ(driver_.ownership.secret.size(), 32u);
  EXPECT_EQ(driver_.store().Head().value(), 0u);
  EXPECT_TRUE(driver_.store().Load().value().namespaces().empty());
  EXPECT_TRUE(driver_.store().ReadLog(kAll).value().empty());
  EXPECT_EQ(driver_.store().Compact(kAll, kAll).value(), 0u);
  EXPECT_TRUE(driver_.store().Check().ok());
}

TEST_P(RegistryStoreContract, EveryOwnershipHasAHigherTermAndTheSameSecret) {
  driver_.Acquire();
  const Ownership first = driver_.ownership;
  driver_.RunOne(Creation("tenant-a"));
  driver_.Restart();
  EXPECT_GT(driver_.ownership.term, first.term);
  EXPECT_EQ(driver_.ownership.secret, first.secret);
  EXPECT_EQ(driver_.ownership.seq, 1u);
}

TEST_P(RegistryStoreContract, TwoStoresHaveDifferentSecrets) {
  driver_.Acquire();
  const auto other = GetParam().make();
  const auto ownership = other->store().Acquire("registry-1", driver_.now);
  ASSERT_TRUE(ownership.ok());
  EXPECT_NE(ownership->secret, driver_.ownership.secret);
}

TEST_P(RegistryStoreContract, EveryGroupSurvivesACrashRightAfterItsAnswer) {
  driver_.Acquire();
  LiveThroughEverything([this] {
    const std::string before = Describe(driver_.state);
    driver_.Restart();
    EXPECT_EQ(Describe(driver_.state), before);
  });
  EXPECT_EQ(driver_.state.Find(NamespaceName::Parse("tenant-a").value())->nodes().size(), 2u);
}

TEST_P(RegistryStoreContract, ReceiptsSurvive) {
  driver_.Acquire();
  LiveThroughEverything([] {});
  driver_.Restart();
  const NamespaceState* ns = driver_.state.Find(NamespaceName::Parse("tenant-a").value());
  const AdminReceipt* receipt = ns->FindReceipt(kAdmin, "request-1");
  ASSERT_NE(receipt, nullptr);
  EXPECT_EQ(receipt->request.digest, crypto::Sha256("w2"));
  EXPECT_EQ(receipt->node->value(), "w2");
  EXPECT_LT(receipt->time, driver_.now);
  EXPECT_EQ(ns->FindReceipt(kAdmin, "request-2"), nullptr);
}

TEST_P(RegistryStoreContract, TheLogTellsWhatWasApplied) {
  driver_.Acquire();
  LiveThroughEverything([this] {
    const auto log = driver_.store().ReadLog(kAll);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(Describe(*log), Describe(driver_.versions));
  });
  driver_.Restart();
  EXPECT_EQ(Describe(driver_.store().ReadLog(kAll).value()), Describe(driver_.versions));
}

TEST_P(RegistryStoreContract, ReadLogGivesTheNewestOfWhatItMay) {
  driver_.Acquire();
  LiveThroughEverything([] {});
  const auto log = driver_.store().ReadLog(3).value();
  ASSERT_EQ(log.size(), 3u);
  const std::vector<LoggedVersion> newest(driver_.versions.end() - 3, driver_.versions.end());
  EXPECT_EQ(Describe(log), Describe(newest));
  EXPECT_TRUE(driver_.store().ReadLog(0).value().empty());
}

TEST_P(RegistryStoreContract, VersionsAreDenseAndTermsNeverDecrease) {
  driver_.Acquire();
  LiveThroughEverything([this] { driver_.Restart(); });
  std::map<NamespaceName, LoggedVersion> last;
  const auto log = driver_.store().ReadLog(kAll);
  ASSERT_TRUE(log.ok()) << log.status();
  for (const LoggedVersion& version : *log) {
    EXPECT_EQ(version.diff.position.version, version.previous_version + 1);
    if (const auto it = last.find(version.ns); it != last.end()) {
      EXPECT_EQ(version.previous_version, it->second.diff.position.version);
      EXPECT_GT(version.seq, it->second.seq);
      EXPECT_GE(version.term, it->second.term);
    } else {
      EXPECT_EQ(version.previous_version, 0u);
    }
    last.insert_or_assign(version.ns, version);
  }
  EXPECT_EQ(last.size(), 2u);
}

TEST_P(RegistryStoreContract, ADeposedOwnerWritesNothing) {
  driver_.Acquire();
  driver_.RunOne(Creation("tenant-a"));
  const Ownership deposed = driver_.ownership;
  const std::vector<Command> commands = {StorableRegistration({})};
  const Plan plan = PlanFor(driver_.state, commands, driver_.now, deposed.term);
  const auto successor = driver_.store().Acquire("registry-2", driver_.now);
  ASSERT_TRUE(successor.ok());
  const CommitResult result = driver_.store().Commit(deposed.term, deposed.seq + 1, plan.records);
  EXPECT_EQ(result.outcome, CommitOutcome::kFenced);
  EXPECT_FALSE(result.status.ok());
  EXPECT_EQ(driver_.store().Head().value(), deposed.seq);
  ExpectStoreHasWhatTheDriverHas();
  driver_.ownership = *successor;
  driver_.Run({StorableRegistration({})});
  ExpectStoreHasWhatTheDriverHas();
}

TEST_P(RegistryStoreContract, AGroupOutOfTurnIsRefused) {
  driver_.Acquire();
  driver_.RunOne(Creation("tenant-a"));
  const std::vector<Command> commands = {StorableRegistration({})};
  const Ownership& own = driver_.ownership;
  const Plan plan = PlanFor(driver_.state, commands, driver_.now, own.term);
  for (const std::uint64_t seq : {own.seq + 2, own.seq, std::uint64_t{0}}) {
    const CommitResult result = driver_.store().Commit(own.term, seq, plan.records);
    EXPECT_EQ(result.outcome, CommitOutcome::kFailed) << seq;
    EXPECT_EQ(driver_.store().Head().value(), own.seq);
  }
  ExpectStoreHasWhatTheDriverHas();
}

TEST_P(RegistryStoreContract, ARecordThatDoesNotFitLeavesNothingOfItsGroup) {
  driver_.Acquire();
  driver_.Run({Creation("tenant-a"), Creation("tenant-b")});
  NodeSpec other;
  other.ns = "tenant-b";
  const std::vector<Command> commands = {StorableRegistration({}), StorableRegistration(other)};
  const Ownership& own = driver_.ownership;
  Plan plan = PlanFor(driver_.state, commands, driver_.now, own.term);
  ASSERT_EQ(plan.records.size(), 2u);
  plan.records[1].version += 1;  // a hole in the history of tenant-b
  const CommitResult result = driver_.store().Commit(own.term, own.seq + 1, plan.records);
  EXPECT_EQ(result.outcome, CommitOutcome::kFailed);
  EXPECT_EQ(driver_.store().Head().value(), own.seq);
  ExpectStoreHasWhatTheDriverHas();
}

TEST_P(RegistryStoreContract, CompactionAnywhereKeepsStateEvidenceAndTheRestOfTheLog) {
  driver_.Acquire();
  LiveThroughEverything([this] {
    const std::uint64_t cut = driver_.ownership.seq > 2 ? driver_.ownership.seq - 2 : 0;
    ASSERT_TRUE(driver_.store().Compact(cut, kAll).ok());
    std::erase_if(driver_.versions, [cut](const LoggedVersion& v) { return v.seq <= cut; });
    const auto log = driver_.store().ReadLog(kAll);
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(Describe(*log), Describe(driver_.versions));
    const std::string before = Describe(driver_.state);
    driver_.Restart();
    EXPECT_EQ(Describe(driver_.state), before);
  });
}

TEST_P(RegistryStoreContract, CompactingEverythingKeepsTheStateAndTheHead) {
  driver_.Acquire();
  LiveThroughEverything([this] {
    EXPECT_EQ(driver_.store().Compact(kAll, kAll).value(), 1u);
    EXPECT_TRUE(driver_.store().ReadLog(kAll).value().empty());
    const std::string before = Describe(driver_.state);
    const std::uint64_t seq = driver_.ownership.seq;
    driver_.Restart();
    EXPECT_EQ(Describe(driver_.state), before);
    EXPECT_EQ(driver_.ownership.seq, seq);
  });
}

TEST_P(RegistryStoreContract, CompactionGoesAsFarAsItMayAndSaysHowFar) {
  driver_.Acquire();
  LiveThroughEverything([] {});
  RegistryStore& store = driver_.store();
  ASSERT_GE(driver_.ownership.seq, 9u);
  EXPECT_EQ(store.Compact(5, 3).value(), 3u);
  EXPECT_EQ(store.Compact(5, 3).value(), 2u);
  EXPECT_EQ(store.Compact(5, 3).value(), 0u);
  EXPECT_EQ(store.Compact(6, 0).value(), 0u);
  EXPECT_EQ(store.Compact(~std::uint64_t{0}, kAll).value(), driver_.ownership.seq - 5);
  ExpectStoreHasWhatTheDriverHas();
}

TEST_P(RegistryStoreContract, HostileTextsAreStoredVerbatim) {
  using namespace std::string_literals;
  const std::vector<std::string> texts = {"'; DROP TABLE nodes; --"s,
                                          "\" OR 1=1"s,
                                          "100%_\\[a-z]*?"s,
                                          "a\0b"s,
                                          ""s,
                                          "$1 ?1 :x @y {}"s,
                                          "\xff\xfe\x80 no UTF-8"s,
                                          "\r\n\t\x1b[31m"s,
                                          std::string(70'000, 'x')};
  driver_.Acquire();
  CreateNamespaceCommand creation = Creation("tenant-a");
  creation.actor = texts[0];
  driver_.RunOne(creation);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    NodeSpec spec{.id = "n" + std::to_string(i), .leaf = "leaf " + text};
    RegisterCommand registration = StorableRegistration(spec);
    registration.admitted.submitter = text;
    registration.admitted.decision.id = text;
    registration.admitted.correlation_id = text;
    registration.admitted.signer = {text + "signer", text + "key", absl::FromUnixSeconds(-5)};
    driver_.RunOne(registration);
    ExpectStoreHasWhatTheDriverHas();
    RemoveCommand removal = RemovalBy("principal " + text, "request " + text, spec);
    removal.reason_text = text;
    removal.actor = text;
    removal.decision = text;
    driver_.RunOne(removal);
  }
  EXPECT_EQ(Describe(driver_.store().ReadLog(kAll).value()), Describe(driver_.versions));
  const std::string before = Describe(driver_.state);
  driver_.Restart();
  EXPECT_EQ(Describe(driver_.state), before);
  const NamespaceState* ns = driver_.state.Find(NamespaceName::Parse("tenant-a").value());
  for (const std::string& text : texts) {
    EXPECT_NE(ns->FindReceipt("principal " + text, "request " + text), nullptr);
  }
}

TEST_P(RegistryStoreContract, HostileLabelsComeBackFromTheEvidence) {
  driver_.Acquire();
  driver_.RunOne(Creation("tenant-a"));
  NodeSpec spec;
  spec.zone = "'; DELETE FROM nodes; -- %_\\";
  driver_.RunOne(StorableRegistration(spec));
  driver_.Restart();
  const NodePtr node = driver_.state.Find(NamespaceName::Parse("tenant-a").value())
                           ->nodes()
                           .Find(NodeId::Parse(spec.id).value());
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->view->introspection.labels().at(0).value(), spec.zone);
}

TEST_P(RegistryStoreContract, AGroupMayHoldManyNodesOfManyNamespaces) {
  driver_.Acquire();
  std::vector<Command> creations;
  std::vector<Command> registrations;
  for (int ns = 0; ns < 20; ++ns) {
    creations.emplace_back(Creation("tenant-" + std::to_string(ns)));
    for (int node = 0; node < 25; ++node) {
      NodeSpec spec;
      spec.ns = "tenant-" + std::to_string(ns);
      spec.id = "n" + std::to_string(node);
      spec.leaf = "leaf " + spec.ns + spec.id;
      registrations.emplace_back(StorableRegistration(spec));
    }
  }
  driver_.Run(std::move(creations));
  const Plan plan = driver_.Run(std::move(registrations));
  EXPECT_EQ(plan.records.size(), 20u);
  EXPECT_EQ(driver_.ownership.seq, 2u);
  ExpectStoreHasWhatTheDriverHas();
  EXPECT_EQ(Describe(driver_.store().ReadLog(kAll).value()), Describe(driver_.versions));
}

TEST_P(RegistryStoreContract, CheckChangesNothing) {
  driver_.Acquire();
  driver_.RunOne(Creation("tenant-a"));
  EXPECT_TRUE(driver_.store().Check().ok());
  EXPECT_EQ(driver_.store().Head().value(), 1u);
  driver_.RunOne(StorableRegistration({}));
  ExpectStoreHasWhatTheDriverHas();
}

// Random lives of a few nodes with crashes and compactions at random places.
TEST_P(RegistryStoreContract, RandomHistoriesSurvive) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    const auto subject = GetParam().make();
    StoreDriver driver(*subject);
    driver.Acquire();
    driver.RunOne(Creation("tenant-a"));
    std::mt19937 random(seed);
    std::uint64_t sequence = 0;
    std::uint64_t compacted = 0;
    for (int group = 0; group < 60 && !HasFatalFailure(); ++group) {
      std::vector<Command> commands;
      for (unsigned i = 0; i < 1 + random() % 4; ++i) {
        NodeSpec spec{.id = "n" + std::to_string(random() % 5), .sequence = ++sequence};
        spec.leaf = spec.id + std::to_string(random() % 3);
        spec.zone = random() % 2 == 0 ? "eu" : "";
        const NamespaceState* ns = driver.state.Find(NamespaceName::Parse(spec.ns).value());
        const bool live = ns->nodes().Find(NodeId::Parse(spec.id).value()) != nullptr;
        switch (random() % 5) {
          case 0:
            commands.emplace_back(Goodbye(spec));
            break;
          case 1:
            commands.emplace_back(RemovalBy(kAdmin, "r" + std::to_string(sequence), spec));
            break;
          case 2:
            if (live)
              commands.emplace_back(HealthOf(driver.state, spec, directory::Health::kNotServing));
            break;
          default:
            commands.emplace_back(StorableRegistration(spec));
        }
      }
      driver.Run(std::move(commands));
      if (random() % 7 == 0) {
        compacted = random() % (driver.ownership.seq + 1);
        ASSERT_TRUE(driver.store().Compact(compacted, kAll).ok());
        std::erase_if(driver.versions,
                      [compacted](const LoggedVersion& v) { return v.seq <= compacted; });
      }
      if (random() % 3 != 0) continue;
      const std::string before = Describe(driver.state);
      driver.Restart();
      ASSERT_EQ(Describe(driver.state), before);
      ASSERT_EQ(Describe(driver.store().ReadLog(kAll).value()), Describe(driver.versions));
    }
  }
}

}  // namespace omninode::registry::testing
