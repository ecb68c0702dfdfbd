#include "tests/simulation/simulation.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/identity/revocations.h"
#include "tests/simulation/instance.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/network.h"
#include "tests/simulation/node.h"
#include "tests/simulation/observed_store.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/random.h"
#include "tests/simulation/watcher.h"

namespace omninode::registry::simulation {
namespace {

constexpr absl::Duration kStep = absl::Milliseconds(250);
constexpr int kFaultySteps = 64;
constexpr int kCalmSteps = 40;  // 10 s: longer than the longest TTL
constexpr int kRestSteps = 8;
constexpr int kHashEvery = 24;  // steps between two hashes computed from scratch

struct NamespaceSpec {
  const char* name;
  std::uint64_t max_nodes;
  std::size_t nodes;
};
constexpr NamespaceSpec kNamespaces[] = {{"alpha", 100, 9}, {"beta", 100, 7}, {"gamma", 4, 5}};

class World final {
 public:
  World(std::uint64_t seed, Defect defect);

  Outcome Run();

 private:
  void Populate();
  void Step(bool calm);
  // The part of a step that goes on while a commit is under way.
  void Background(bool calm);
  void Turns(bool calm);
  void Misfortune();
  void ScriptCommits();
  void OnOutcome(CommitOutcome outcome, bool written);
  void DuringCommit();
  void TakeStoreAway(absl::Duration away);
  bool WaitForStore();

  void StartInstance();
  void CreateNamespace(const NamespaceSpec& spec);
  void KillInstance(absl::Duration down);
  void OnStoreStatus(const absl::Status& status);
  void BanSomebody();
  bool healthy() const { return instance_ != nullptr && !store_away_ && !unsettled(); }
  bool unsettled() const { return clock_.Monotonic() < unsettled_until_; }
  void Unsettle(absl::Duration by);

  void Send(const Node& node, const NodeMessage& message);
  void Arrive(std::size_t node, const NodeMessage& message);
  void Answer(std::size_t node, const NodeMessage& message,
              const absl::StatusOr<registry::Answer>& answer);
  void SendBeat(const Node& node, const LeaseBeat& beat);
  void ArriveBeat(std::size_t node, const LeaseBeat& beat);
  std::size_t IndexOf(const Node& node) const;
  void CheckRest();

  const Defect defect_;
  Random random_;
  FakeClock clock_;
  Journal journal_{clock_};
  Network network_;
  Oracle oracle_{clock_, kStep, journal_};
  identity::StaticTrustSource trust_{testing::Harness().trust};
  std::vector<identity::Ban> bans_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  ObservedStore store_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Instance> instance_;
  std::uint64_t life_ = 0;  // of the instance: answers of an earlier one never come
  MonotonicTime instance_back_at_;
  MonotonicTime store_back_at_;
  MonotonicTime unsettled_until_;
  bool store_away_ = false;
  bool calm_ = false;
  bool give_up_ = false;  // the instance dies while it waits for the store
  int steps_ = 0;
};

World::World(std::uint64_t seed, Defect defect)
    : defect_(defect),
      random_(seed),
      network_(clock_, Random(random_.Next()), journal_),
      store_({[this](std::span<const ChangeRecord> records) {
                oracle_.OnWritten(records);
                for (const auto& watcher : watchers_) watcher->OnWritten(records);
              },
              [this] { DuringCommit(); },
              [this](CommitOutcome outcome, bool written) { OnOutcome(outcome, written); }}) {
  if (defect_ == Defect::kForgetTombstones) store_.ForgetTombstones();
  Populate();
}

void World::Populate() {
  for (const NamespaceSpec& spec : kNamespaces) {
    for (std::size_t i = 0; i < spec.nodes; ++i) {
      nodes_.push_back(std::make_unique<Node>(
          spec.name, std::string(spec.name) + "-" + std::to_string(i), Random(random_.Next()),
          Node::Deps{clock_, journal_,
                     [this](const Node& node, const NodeMessage& message) { Send(node, message); },
                     [this](Node& node, const LeaseBeat& beat) { SendBeat(node, beat); }}));
    }
  }
  for (int i = 0; i < 5; ++i) {
    const char* ns = kNamespaces[random_.Below(3)].name;
    watchers_.push_back(std::make_unique<Watcher>("watcher-" + std::to_string(i),
                                                  *NamespaceName::Parse(ns), Random(random_.Next()),
                                                  Watcher::Deps{clock_, oracle_, journal_}));
  }
}

Outcome World::Run() {
  StartInstance();
  for (int i = 0; i < kFaultySteps; ++i) Step(/*calm=*/false);
  calm_ = true;
  network_.Calm();
  store_.memory().Script({});
  for (const auto& node : nodes_) node->Recover();
  if (instance_ != nullptr && instance_->deposed()) KillInstance(absl::ZeroDuration());
  for (int i = 0; i < kCalmSteps; ++i) Step(/*calm=*/true);
  CheckRest();
  for (const auto& watcher : watchers_) watcher->Disconnect();
  instance_.reset();
  return {.violation = journal_.violation(),
          .journal = journal_.text(),
          .trace_hash = crypto::Sha256(journal_.text()),
          .virtual_time = journal_.elapsed(),
          .counts = journal_.counts()};
}

void World::Step(bool calm) {
  ++steps_;
  if (!calm) Misfortune();
  clock_.Advance(kStep);
  if (!healthy()) oracle_.Excuse(kStep);
  Background(calm);
  Turns(calm);
  if (instance_ == nullptr) return;
  for (const NamespaceName& ns : instance_->braking()) {
    journal_.Count("steps with a brake");
    oracle_.ExcuseBraked(ns);
  }
  instance_->TickWatches();
  for (const auto& watcher : watchers_) watcher->Act(instance_.get());
  if (!instance_->deposed()) {
    oracle_.Check(instance_->state(), instance_->leases(), steps_ % kHashEvery == 0);
  }
}

void World::Background(bool calm) {
  const MonotonicTime now = clock_.Monotonic();
  if (store_back_at_ != MonotonicTime() && (calm || now >= store_back_at_)) {
    store_.memory().SetAway(absl::OkStatus());
    store_back_at_ = MonotonicTime();
    Unsettle(absl::Seconds(1));
  }
  if (instance_ == nullptr && now >= instance_back_at_ && store_back_at_ == MonotonicTime()) {
    StartInstance();
  }
  network_.Deliver();
  for (const auto& node : nodes_) node->Act(calm);
  if (instance_ != nullptr) instance_->TickDepartures();
}

// As many turns as there is work: control and data of one step do not wait for the next.
void World::Turns(bool calm) {
  while (instance_ != nullptr) {
    if (!calm) ScriptCommits();
    const std::size_t most = 1 + random_.Below(24);
    const bool worked = instance_->Turn(most);
    if (give_up_) {
      give_up_ = false;
      return KillInstance(random_.Between(absl::ZeroDuration(), absl::Seconds(2)));
    }
    if (instance_->deposed()) {
      return KillInstance(random_.Between(absl::ZeroDuration(), absl::Seconds(2)));
    }
    if (!worked) return;
  }
}

void World::ScriptCommits() {
  using testing::CommitFault;
  if (store_back_at_ != MonotonicTime()) return;
  const std::uint64_t chance = random_.Below(1000);
  CommitFault fault = CommitFault::kNone;
  if (chance < 10) fault = CommitFault::kFailed;
  if (chance >= 10 && chance < 22) fault = CommitFault::kUnknownCommitted;
  if (chance >= 22 && chance < 34) fault = CommitFault::kUnknownLost;
  store_.memory().Script({fault});
  if (fault == CommitFault::kNone) return;
  Unsettle(absl::Seconds(1));
}

void World::OnOutcome(CommitOutcome outcome, bool written) {
  if (outcome == CommitOutcome::kCommitted) return;
  const char* what = outcome == CommitOutcome::kFenced   ? "fault: commit fenced"
                     : outcome == CommitOutcome::kFailed ? "fault: commit failed"
                     : written                           ? "fault: outcome unknown, written"
                                                         : "fault: outcome unknown, lost";
  journal_.Count(what);
  journal_.Line("{}", what);
  // Whoever broke the commit may also keep its outcome secret for a while.
  if (outcome == CommitOutcome::kUnknown && random_.Below(2) == 0) {
    TakeStoreAway(random_.Between(absl::ZeroDuration(), absl::Seconds(4)));
  }
}

void World::TakeStoreAway(absl::Duration away) {
  journal_.Line("the store goes away for {}", absl::FormatDuration(away));
  store_.memory().SetAway(absl::UnavailableError("away"));
  store_back_at_ = clock_.Monotonic() + away;
}

// Now and then a commit is slow.
void World::DuringCommit() {
  if (calm_ || !random_.Permille(60)) return;
  journal_.Count("fault: slow commit");
  const absl::Duration slow = random_.Between(absl::Milliseconds(20), absl::Milliseconds(1500));
  clock_.Advance(slow);
  oracle_.Excuse(slow);
  Background(calm_);
}

// Called by a commit whose outcome is not known yet. Everything but commits goes on.
bool World::WaitForStore() {
  journal_.Count("fault: outcome not to be learned");
  constexpr absl::Duration kRetry = absl::Milliseconds(200);
  clock_.Advance(kRetry);
  oracle_.Excuse(kRetry);
  if (!calm_ && random_.Permille(60)) {
    journal_.Line("the instance dies while it waits for the store");
    give_up_ = true;
    return false;
  }
  Background(calm_);
  return true;
}

void World::Misfortune() {
  const std::uint64_t chance = random_.Below(1000);
  if (chance < 12) {
    journal_.Count("fault: store away");
    TakeStoreAway(random_.Between(absl::Milliseconds(100), absl::Seconds(8)));
  } else if (chance < 24) {
    KillInstance(random_.Between(absl::ZeroDuration(), absl::Seconds(3)));
  } else if (chance < 30) {
    if (store_back_at_ != MonotonicTime()) return;
    journal_.Line("another instance takes the shard");
    journal_.Count("fault: deposed");
    OMNI_CHECK(store_.Acquire("another", clock_.Now()).ok());
    Unsettle(absl::Seconds(3));
  } else if (chance < 42) {
    const absl::Duration pause = random_.Between(absl::Milliseconds(1100), absl::Seconds(15));
    journal_.Line("everything here stands still for {}", absl::FormatDuration(pause));
    journal_.Count("fault: own pause");
    clock_.Advance(pause);
    // Reaper and sequencer see it at once; what is shifted is the whole gap between two ticks.
    oracle_.Excuse(pause + kStep);
    Unsettle(absl::Seconds(1));
    if (instance_ != nullptr) instance_->TickDepartures();
  } else if (chance < 50) {
    const std::string ns = kNamespaces[random_.Below(3)].name;
    const absl::Duration gone = random_.Between(absl::Seconds(2), absl::Seconds(12));
    journal_.Line("{} is cut off for {}", ns, absl::FormatDuration(gone));
    journal_.Count("fault: namespace cut off");
    for (const auto& node : nodes_) {
      if (node->ref().ns.value() == ns && random_.Below(8) != 0) node->FallSilent(gone);
    }
  } else if (chance < 56) {
    BanSomebody();
  } else if (chance < 62) {
    const absl::Duration by = random_.Between(absl::Seconds(-30), absl::Seconds(30));
    journal_.Line("the wall clock steps by {}", absl::FormatDuration(by));
    journal_.Count("fault: wall clock steps");
    clock_.StepWall(by);
  } else if (defect_ == Defect::kLoseADiff && chance < 100) {
    watchers_[random_.Below(watchers_.size())]->LoseADiff();
  }
  // A message from the past comes by, from anybody.
  if (random_.Permille(300)) {
    const std::size_t index = random_.Below(nodes_.size());
    const NodeMessage* message = nodes_[index]->AnyOldMessage(random_);
    if (message == nullptr) return;
    journal_.Count("fault: old message");
    network_.Post(random_.Between(absl::ZeroDuration(), absl::Seconds(5)),
                  [this, index, old = *message] { Arrive(index, old); });
  }
}

void World::BanSomebody() {
  const std::size_t index = random_.Below(nodes_.size());
  Node& node = *nodes_[index];
  if (node.banned()) return;
  node.Ban();
  testing::NodeSpec spec;
  spec.ns = node.ref().ns.value();
  spec.id = node.ref().id.value();
  bans_.push_back({*identity::SpiffeId::Parse(SpiffeIdOf(spec)), clock_.Now(), false});
  auto trust = std::make_shared<identity::TrustState>(*trust_.Current());
  ++trust->sequence;
  trust->revocations = *identity::Revocations::Create({}, bans_);
  trust_.Set(std::move(trust));
  oracle_.OnBanned(node.ref());
  journal_.Line("{} is banned", spec.id);
  journal_.Count("fault: banned");
}

void World::Unsettle(absl::Duration by) {
  unsettled_until_ = std::max(unsettled_until_, clock_.Monotonic() + by);
}

void World::OnStoreStatus(const absl::Status& status) {
  store_away_ = !status.ok();
  journal_.Line("store {}", status.ok() ? "back" : "away");
  Unsettle(absl::Seconds(1));
}

void World::StartInstance() {
  ++life_;
  auto started = Instance::Start(
      {.clock = clock_,
       .trust = trust_,
       .store = store_,
       .keep_groups = 8 + random_.Below(40),
       .wait = [this] { return WaitForStore(); },
       .on_store_status = [this](const absl::Status& status) { OnStoreStatus(status); },
       .reaper_ahead = defect_ == Defect::kExpireEarly ? absl::Seconds(3) : absl::ZeroDuration(),
       .remove_though_renewed = defect_ == Defect::kRemoveThoughRenewed});
  OMNI_CHECK(started.ok());
  instance_ = *std::move(started);
  store_away_ = false;
  journal_.Line("instance {} starts", life_);
  oracle_.OnRestart(instance_->state());
  Unsettle(absl::Seconds(1));
  for (const NamespaceSpec& spec : kNamespaces) CreateNamespace(spec);
}

// An administrator, who tries until it is done.
void World::CreateNamespace(const NamespaceSpec& spec) {
  if (instance_ == nullptr) return;
  std::vector<Submission> batch;
  batch.push_back({testing::Creation(spec.name, {.default_ttl = absl::Seconds(4),
                                                 .min_ttl = absl::Seconds(1),
                                                 .max_ttl = absl::Seconds(60),
                                                 .max_nodes = spec.max_nodes}),
                   [this, &spec](const absl::StatusOr<registry::Answer>& answer) {
                     if (answer.ok()) return;
                     network_.Post(absl::Seconds(1), [this, &spec] { CreateNamespace(spec); });
                   }});
  instance_->Submit(std::move(batch), Urgency::kControl);
}

void World::KillInstance(absl::Duration down) {
  if (instance_ == nullptr) return;
  journal_.Line("instance {} ends, back in {}", life_, absl::FormatDuration(down));
  journal_.Count("fault: instance killed");
  for (const auto& watcher : watchers_) watcher->Disconnect();
  instance_.reset();
  instance_back_at_ = clock_.Monotonic() + down;
  if (defect_ == Defect::kLoseAnAcknowledgedGroup) store_.memory().LoseLastGroup();
}

std::size_t World::IndexOf(const Node& node) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].get() == &node) return i;
  }
  OMNI_CHECK(false);
}

void World::Send(const Node& node, const NodeMessage& message) {
  network_.SendRequest([this, index = IndexOf(node), message] { Arrive(index, message); });
}

void World::Arrive(std::size_t node, const NodeMessage& message) {
  if (instance_ == nullptr) return;  // the connection is refused; the node tries again
  std::vector<Submission> batch;
  batch.push_back({message.ToCommand(), [this, node, message, life = life_](
                                            const absl::StatusOr<registry::Answer>& answer) {
                     OMNI_CHECK(life == life_);
                     Answer(node, message, answer);
                   }});
  instance_->Submit(std::move(batch), Urgency::kData);
}

void World::Answer(std::size_t node, const NodeMessage& message,
                   const absl::StatusOr<registry::Answer>& answer) {
  const directory::NodeRef& ref = nodes_[node]->ref();
  const std::uint64_t sequence = message.spec.sequence;
  if (!answer.ok()) {
    const auto reason = NameOf(ReasonOf(answer.status()).value_or(Reason::kInternal));
    journal_.Line("{} {} refused {}", ref.id.value(), sequence, reason);
    journal_.Count("refused: " + std::string(reason));
  } else if (const auto* registered = std::get_if<Registered>(&*answer)) {
    journal_.Line("{} {} registered {}", ref.id.value(), sequence, registered->position.ToString());
    journal_.Count("registered");
    oracle_.OnRegistered(*registered, sequence);
  } else if (const auto* removed = std::get_if<Removed>(&*answer)) {
    journal_.Line("{} {} left", ref.id.value(), sequence);
    oracle_.OnRemoved(ref, removed->tombstone, sequence);
  }
  network_.SendAnswer([this, node, message, answer] { nodes_[node]->OnAnswer(message, answer); });
}

void World::SendBeat(const Node& node, const LeaseBeat& beat) {
  network_.SendBeat([this, index = IndexOf(node), beat] { ArriveBeat(index, beat); });
}

void World::ArriveBeat(std::size_t index, const LeaseBeat& beat) {
  if (instance_ == nullptr) return;
  Node& node = *nodes_[index];
  const BeatVerdict verdict =
      instance_->leases().Beat(node.ref().ns, beat, clock_.Monotonic(), clock_.Now());
  journal_.Line("{} beats {}", node.ref().id.value(), static_cast<int>(verdict));
  journal_.Count("beats");
  if (verdict == BeatVerdict::kOk || verdict == BeatVerdict::kOkHealthChanged) {
    oracle_.OnBeat(node.ref());
  }
  if (verdict == BeatVerdict::kOkHealthChanged) {
    std::vector<Submission> batch;
    batch.push_back({HealthCommand{node.ref(), beat.handle, beat.health},
                     [](const absl::StatusOr<registry::Answer>&) {}});
    instance_->Submit(std::move(batch), Urgency::kData);
  }
  node.OnBeat(beat.handle, verdict);
}

// Nothing happens any more; everybody must have arrived.
void World::CheckRest() {
  for (const auto& node : nodes_) {
    const bool has_room = node->ref().ns.value() != "gamma";
    if (node->wants_in() && has_room && !oracle_.IsLive(node->ref())) {
      journal_.Violation("liveness: {} wants in and is not", node->ref().id.value());
    }
    if (node->banned() && oracle_.IsLive(node->ref())) {
      journal_.Violation("liveness: {} is banned and still there", node->ref().id.value());
    }
  }
  if (instance_ == nullptr) return journal_.Violation("liveness: the registry is not back");
  for (int i = 0; i < kRestSteps; ++i) {
    clock_.Advance(kStep);
    instance_->TickWatches();
    for (const auto& watcher : watchers_) watcher->ReadAll(*instance_);
  }
  for (const auto& watcher : watchers_) {
    if (!watcher->Converged()) {
      journal_.Violation("liveness: {} has not converged", watcher->name());
    }
  }
}

}  // namespace

Outcome Simulate(std::uint64_t seed, Defect defect) { return World(seed, defect).Run(); }

}  // namespace omninode::registry::simulation
