#include "services/registry/watch/testing/watch_world.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/text.h"
#include "common/directory/canonical.h"

namespace omninode::registry::testing {
namespace {

std::string TextOf(ResyncReason reason) {
  switch (reason) {
    case ResyncReason::kCompacted:
      return "compacted";
    case ResyncReason::kIncarnation:
      return "incarnation";
    case ResyncReason::kAhead:
      return "ahead";
    case ResyncReason::kSlow:
      return "slow";
  }
  OMNI_CHECK(false);
}

template <typename... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

NamespaceName Tenant() { return *NamespaceName::Parse("tenant-a"); }

WatchScope ScopeOf(const directory::WatchFilter::Fields& fields, bool with_evidence) {
  auto filter = directory::WatchFilter::Create(fields);
  OMNI_CHECK(filter.ok());
  return {*std::move(filter), with_evidence};
}

WatchScope ZoneScope(const std::string& zone) { return ScopeOf({.labels = {"zone=" + zone}}); }

NodeSpec Spec(const std::string& id, const std::string& capability, const std::string& zone) {
  static std::atomic<std::uint64_t> sequence{0};
  NodeSpec spec;
  spec.id = id;
  spec.sequence = ++sequence;
  spec.capability = capability;
  spec.zone = zone;
  return spec;
}

RegisterCommand LargeRegistration(const NodeSpec& spec) {
  // Shared by all, so that it counts but costs nothing.
  static std::map<std::string, std::shared_ptr<const Evidence>> by_leaf;
  RegisterCommand command = Registration(spec);
  auto& large = by_leaf[spec.leaf];
  if (large == nullptr) {
    auto evidence = std::make_shared<Evidence>(*command.admitted.evidence);
    evidence->body.assign(DiffRing::kMaxBytes / (kLargeVersions + 1), 'x');
    large = std::move(evidence);
  }
  command.admitted.evidence = large;
  return command;
}

std::string TextOf(const directory::TopologyDiff& diff) {
  std::vector<std::string> parts;
  for (const auto& change : diff.changes) {
    const char* sign = change.kind == directory::ChangeKind::kAdded     ? "+"
                       : change.kind == directory::ChangeKind::kUpdated ? "~"
                                                                        : "-";
    parts.push_back(sign + change.node_id.value());
  }
  return Join(parts, " ");
}

EncodedDiffPtr FakeEncoder::Encode(const directory::TopologyDiff& diff,
                                   const DiffContext& context) const {
  MutexLock lock(mutex_);
  made_.push_back(
      {diff, context.nodes, context.with_evidence, {context.after.begin(), context.after.end()}});
  return std::make_shared<const EncodedDiff>(
      EncodedDiff{fmt::format("{} {}", made_.size() - 1, std::string(padding, 'x'))});
}

FakeEncoder::Made FakeEncoder::Decode(const EncodedDiff& encoded) const {
  const auto index = ParseUint64(Split(encoded.bytes, ' ').front());
  MutexLock lock(mutex_);
  return made_.at(index.value());
}

std::size_t FakeEncoder::encodes() const {
  MutexLock lock(mutex_);
  return made_.size();
}

World::World(WatchLimits limits)
    : hub({.encoder = encoder, .snapshots = *this, .wake = [this] { ++wakes; }}, limits) {
  Commit({Creation("tenant-a")});
}

absl::StatusOr<NamespaceSnapshot> World::TakeSnapshot(const NamespaceName& ns) const {
  const NamespaceState* found = harness.state.Find(ns);
  if (found == nullptr) return Reject(Reason::kNamespaceUnknown, "no namespace {}", ns.value());
  return NamespaceSnapshot{found->info(), found->position(), found->hash(),
                           found->nodes().TakeSnapshot()};
}

absl::Duration World::Age(const NamespaceName&, MonotonicTime) const {
  return absl::Milliseconds(7);
}

void World::CommitOnly(std::vector<Command> commands) { harness.Run(std::move(commands)); }

void World::Publish() {
  for (; published_ < harness.applied.size(); ++published_) {
    hub.Publish(Tenant(), harness.applied[published_]);
  }
}

void World::Commit(std::vector<Command> commands) {
  CommitOnly(std::move(commands));
  Publish();
  Pump();
}

void World::Register(const NodeSpec& spec) { Commit({Registration(spec)}); }
void World::Remove(const std::string& id) { Commit({Goodbye(Spec(id))}); }

void World::Pump() {
  do {
    next_tick = hub.Tick(now);
  } while (next_tick <= now);
}

void World::Advance(absl::Duration by) {
  now = now + by;
  Pump();
}

const NamespaceState& World::state() const { return *harness.state.Find(Tenant()); }

directory::SetHash World::HashOf(const directory::WatchFilter& filter) const {
  directory::SetHash hash;
  for (const NodePtr& node : state().nodes().TakeSnapshot().Sorted()) {
    if (filter.Matches(*node->view)) hash.Add(directory::CanonicalDigest(*node->view));
  }
  return hash;
}

Consumer::Consumer(World& world, WatchRequest asked)
    : mirror({.ns = Tenant()}), request(std::move(asked)), world_(world) {
  Open();
}

void Consumer::Open() {
  auto opened = world_.hub.Open(request, [wake = wake_] {
    ++wake->notified;
    wake->asleep = false;
  });
  if (!opened.ok()) {
    cut = opened.status();
    return;
  }
  cursor_ = *std::move(opened);
  wake_->asleep = false;
  if (!request.resume.has_value()) mirror.BeginSnapshot();
}

void Consumer::Reconnect() {
  cursor_.reset();
  request.resume = mirror.synced() ? mirror.position() : std::nullopt;
  cut = absl::OkStatus();
  Open();
}

bool Consumer::ReadOne() {
  if (cursor_ == nullptr || wake_->asleep) return false;
  const WatchStep step = cursor_->Next(world_.now);
  if (const auto* send = std::get_if<WatchSend>(&step)) {
    Take(*send);
    return true;
  }
  if (const auto* wait = std::get_if<WatchWait>(&step)) {
    wait_until = wait->until;
    wake_->asleep = true;
    return false;
  }
  cut = std::get<WatchCut>(step).status;
  cursor_.reset();
  log_.push_back(fmt::format("cut {}", NameOf(*ReasonOf(cut))));
  return false;
}

void Consumer::Read() {
  // A wait may ask for a tick at once.
  do {
    while (ReadOne()) {
    }
    world_.Pump();
  } while (cursor_ != nullptr && !wake_->asleep);
}

void Consumer::Take(const WatchSend& send) {
  const std::uint64_t previous = send.previous_version;
  const auto log = [&](std::string line) { log_.push_back(std::move(line)); };
  std::visit(
      Overload{
          [&](const WatchBegan& began) { log(fmt::format("began {}", began.position.ToString())); },
          [&](const WatchSnapshotChunk& chunk) {
            std::vector<directory::NodeViewPtr> views;
            for (const NodePtr& node : chunk.nodes) views.push_back(node->view);
            log(fmt::format("chunk {}", views.size()));
            Check(mirror.AddSnapshotChunk(views));
          },
          [&](const WatchSnapshotEnd& end) {
            log(fmt::format("end {}->{}", previous, end.position.version));
            Check(mirror.EndSnapshot(end.position, end.hash));
          },
          [&](const WatchDiff& message) {
            const directory::TopologyDiff diff = world_.encoder.Decode(*message.encoded).diff;
            OMNI_CHECK(diff.position == message.position);
            log(fmt::format("diff {}->{} {}", previous, diff.position.version, TextOf(diff)));
            Check(mirror.ApplyDiff(previous, diff));
          },
          [&](const WatchBookmark& bookmark) {
            log(fmt::format("bookmark {}->{}", previous, bookmark.position.version));
            Check(mirror.ApplyBookmark(previous, bookmark.position, bookmark.hash));
          },
          [&](const WatchResync& resync) {
            log("resync " + TextOf(resync.reason));
            ++resyncs;
            mirror.BeginSnapshot();
          },
          [&](const WatchDraining&) { log("draining"); }},
      send.item);
}

void Consumer::Check(const absl::Status& status) {
  if (error.ok()) error = status;
}

std::vector<std::string> Consumer::TakeLog() { return std::exchange(log_, {}); }

}  // namespace omninode::registry::testing
