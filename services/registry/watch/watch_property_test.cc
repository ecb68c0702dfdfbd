#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "services/registry/watch/testing/watch_world.h"

// Random histories, filters, intervals, stalls and resumes: whatever happens, each consumer ends up
// with the registry's nodes, and its mirror, which refuses gaps and repetitions, never complains.
namespace omninode::registry {
namespace {

using testing::Consumer;
using testing::NodeSpec;
using testing::Registration;
using testing::Spec;
using testing::World;

// A value of full range from the first case on: RapidCheck would begin with the smallest.
template <typename T>
T Any(rc::Gen<T> gen) {
  return *rc::gen::resize(rc::kNominalSize, std::move(gen));
}
bool OneIn(int n) { return Any(rc::gen::inRange(0, n)) == 0; }
template <typename T>
T OneOf(std::initializer_list<T> values) {
  return Any(rc::gen::elementOf(std::vector<T>(values)));
}

enum class Evidences { kSmall, kAlsoLarge };

// Few ids, zones and epochs, so that changes meet.
Command AnyCommand(Evidences evidences) {
  const std::string id = OneOf<std::string>({"a", "b", "c", "d", "e"});
  if (OneIn(4)) return Goodbye(Spec(id));
  NodeSpec spec =
      Spec(id, OneOf<std::string>({"1", "2"}), OneOf<std::string>({"", "north", "south"}));
  spec.epoch = OneOf<std::string>({"", "blue", "green"});
  spec.leaf = OneOf<std::string>({"leaf-1", "leaf-2"});
  const bool large = evidences == Evidences::kAlsoLarge && OneIn(4);
  return large ? testing::LargeRegistration(spec) : Registration(spec);
}

WatchScope AnyScope() {
  directory::WatchFilter::Fields fields;
  if (OneIn(2)) fields.labels = {"zone=north"};
  if (OneIn(3)) fields.epochs = {"blue", ""};
  return testing::ScopeOf(fields, OneIn(2));
}

WatchRequest AnyRequest() {
  return {.ns = testing::Tenant(),
          .scope = AnyScope(),
          .resume = std::nullopt,
          .min_interval = absl::Milliseconds(OneOf({0, 1, 20, 300})),
          .bookmark_interval = absl::Milliseconds(OneOf({100, 1000, 10'000})),
          .watcher_name = {}};
}

// Messages that are shared for long, or hardly at all.
void ChooseMessageSize(World& world) {
  world.encoder.padding = OneIn(2) ? 0 : Cohort::kMaxItemBytes / 3;
}

void CommitGroup(World& world, Evidences evidences = Evidences::kAlsoLarge) {
  std::vector<Command> group;
  const int size = Any(rc::gen::inRange(1, 4));
  for (int i = 0; i < size; ++i) group.push_back(AnyCommand(evidences));
  world.CommitOnly(std::move(group));
}

void Disturb(World& world, Consumer& consumer) {
  switch (Any(rc::gen::inRange(0, 10))) {
    case 0:
      return consumer.Reconnect();
    case 1:
    case 2:
      consumer.ReadOne();
      return;
    case 3:
      return consumer.Read();
    case 4:
      return world.Pump();
    case 5:
      return world.Advance(absl::Milliseconds(OneOf({1, 20, 300, 2000})));
    default:
      CommitGroup(world);
      if (OneIn(2)) world.Publish();
  }
}

// Publishes everything and lets the consumer have it. Who was cut as too slow comes back.
void Settle(World& world, Consumer& consumer) {
  world.Publish();
  if (ReasonOf(consumer.cut) == Reason::kWatchSlow) consumer.Reconnect();
  for (int i = 0; i < 8; ++i) {
    world.Advance(absl::Seconds(1));
    consumer.Read();
  }
}

void ExpectEqual(World& world, Consumer& consumer) {
  RC_ASSERT(consumer.error == absl::OkStatus());
  RC_ASSERT(consumer.cut == absl::OkStatus());
  RC_ASSERT(consumer.mirror.synced());
  RC_ASSERT(consumer.mirror.position() == world.head());
  RC_ASSERT(consumer.mirror.hash() == world.HashOf(consumer.request.scope.filter));
}

RC_GTEST_PROP(WatchPropertyTest, EveryConsumerConverges, ()) {
  World world;
  ChooseMessageSize(world);
  Consumer first(world, AnyRequest());
  Consumer second(world, AnyRequest());
  const int steps = Any(rc::gen::inRange(0, 120));
  for (int i = 0; i < steps; ++i) {
    Disturb(world, OneIn(2) ? first : second);
  }
  for (Consumer* consumer : {&first, &second}) {
    Settle(world, *consumer);
    ExpectEqual(world, *consumer);
    RC_CLASSIFY(consumer->resyncs > 0, "resynced");
  }
}

RC_GTEST_PROP(WatchPropertyTest, ManyConsumersOfOneKindConvergeTogether, ()) {
  World world;
  ChooseMessageSize(world);
  const WatchRequest request = AnyRequest();
  std::vector<std::unique_ptr<Consumer>> consumers;
  const int steps = Any(rc::gen::inRange(1, 120));
  for (int i = 0; i < steps; ++i) {
    if (consumers.empty() || OneIn(10)) {
      consumers.push_back(std::make_unique<Consumer>(world, request));
    }
    Disturb(world, *consumers[Any(rc::gen::inRange<std::size_t>(0, consumers.size()))]);
  }
  for (auto& consumer : consumers) {
    Settle(world, *consumer);
    ExpectEqual(world, *consumer);
  }
}

// Merging must not depend on where the windows fall.
RC_GTEST_PROP(WatchPropertyTest, MergedVersionsLeadWhereEachByItselfLeads, ()) {
  World world;
  const int versions = Any(rc::gen::inRange(1, 20));
  for (int i = 0; i < versions; ++i) CommitGroup(world);
  std::vector<RingEntryPtr> entries;
  for (const AppliedRecord& applied : world.harness.applied) {
    if (!applied.diff.changes.empty()) entries.push_back(MakeRingEntry(applied));
  }
  RC_PRE(!entries.empty());
  const WatchScope scope = AnyScope();
  directory::MirrorState each({.ns = testing::Tenant()});
  directory::MirrorState merged({.ns = testing::Tenant()});
  for (auto* mirror : {&each, &merged}) {
    mirror->BeginSnapshot();
    RC_ASSERT(mirror->EndSnapshot({1, 0}, std::nullopt) == absl::OkStatus());
  }
  const std::span all(entries);
  for (std::size_t i = 0; i < all.size(); ++i) {
    RC_ASSERT(each.ApplyDiff(i, MergeShown(scope, all.subspan(i, 1))->diff) == absl::OkStatus());
  }
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t count = Any(rc::gen::inRange<std::size_t>(1, all.size() - from + 1));
    RC_ASSERT(merged.ApplyDiff(from, MergeShown(scope, all.subspan(from, count))->diff) ==
              absl::OkStatus());
    from += count;
  }
  RC_ASSERT(each.hash() == merged.hash());
  RC_ASSERT(each.hash() == world.HashOf(scope.filter));
}

// A consumer that keeps up sees each version of its own once, whoever else reads how slowly.
RC_GTEST_PROP(WatchPropertyTest, WithoutAnIntervalEveryVersionIsSeen, ()) {
  World world;
  WatchRequest request{.ns = testing::Tenant()};
  request.min_interval = absl::ZeroDuration();
  request.scope.with_evidence = true;
  Consumer consumer(world, request);
  Consumer other(world, request);
  consumer.Read();
  consumer.TakeLog();
  const int groups = Any(rc::gen::inRange(0, 30));
  for (int i = 0; i < groups; ++i) {
    CommitGroup(world, Evidences::kSmall);  // nobody falls behind the ring
    if (OneIn(2)) world.Publish();
    if (OneIn(2)) world.Pump();
    if (OneIn(2)) other.ReadOne();
    if (OneIn(2)) consumer.ReadOne();
  }
  world.Publish();
  world.Pump();
  consumer.Read();
  RC_ASSERT(consumer.error == absl::OkStatus());
  RC_ASSERT(consumer.TakeLog().size() == world.head().version);
}

}  // namespace
}  // namespace omninode::registry
