#include "tests/simulation/watcher.h"

#include <utility>

#include "common/base/reason.h"
#include "common/directory/canonical.h"

namespace omninode::registry::simulation {
namespace {

WatchScope AnyScope(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return testing::ZoneScope("north");
    case 1:
      return testing::ScopeOf({.epochs = {"blue", ""}}, /*with_evidence=*/true);
    default:
      return testing::ScopeOf({}, random.Below(2) == 0);
  }
}

WatchRequest AnyRequest(const NamespaceName& ns, Random& random) {
  static constexpr int kIntervals[] = {0, 20, 400, 1000};
  static constexpr int kBookmarks[] = {100, 1000, 10'000};
  return {.ns = ns,
          .scope = AnyScope(random),
          .resume = std::nullopt,
          .min_interval = absl::Milliseconds(kIntervals[random.Below(4)]),
          .bookmark_interval = absl::Milliseconds(kBookmarks[random.Below(3)]),
          .watcher_name = {}};
}

template <typename... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};

}  // namespace

Watcher::Watcher(std::string name, NamespaceName ns, Random random, Deps deps)
    : name_(std::move(name)),
      random_(random),
      deps_(deps),
      request_(AnyRequest(ns, random_)),
      mirror_({.ns = std::move(ns)}) {}

void Watcher::OnWritten(std::span<const ChangeRecord> records) {
  const directory::WatchFilter& filter = request_.scope.filter;
  for (const ChangeRecord& record : records) {
    if (record.ns != request_.ns || record.changes.empty()) continue;
    directory::SetHash hash = expected_.back();
    for (const NodeChange& change : record.changes) {
      if (change.before != nullptr && filter.Matches(*change.before->view)) {
        hash.Remove(directory::CanonicalDigest(*change.before->view));
      }
      if (change.after != nullptr && filter.Matches(*change.after->view)) {
        hash.Add(directory::CanonicalDigest(*change.after->view));
      }
    }
    expected_.push_back(hash);
  }
}

void Watcher::Act(Instance* instance) {
  const MonotonicTime now = deps_.clock.Monotonic();
  if (instance == nullptr || now < stalled_until_) return;
  if (cursor_ == nullptr) return Open(*instance);
  const std::uint64_t chance = random_.Below(1000);
  if (chance < 10) {
    deps_.journal.Line("{} leaves", name_);
    return cursor_.reset();
  }
  if (chance < 20) {
    stalled_until_ = now + random_.Between(absl::ZeroDuration(), absl::Seconds(6));
    return deps_.journal.Count("watcher stalls");
  }
  // Some read slowly.
  const std::uint64_t most = chance < 200 ? 1 : 1000;
  for (std::uint64_t i = 0; i < most && ReadOne(*instance); ++i) {
  }
}

void Watcher::ReadAll(Instance& instance) {
  if (cursor_ == nullptr) Open(instance);
  do {
    while (ReadOne(instance)) {
    }
    instance.TickWatches();
  } while (cursor_ != nullptr && !wake_->asleep);
}

void Watcher::Open(Instance& instance) {
  // Mostly from where it stands; now and then like a new consumer.
  request_.resume = std::nullopt;
  if (mirror_.synced() && !random_.Permille(150)) request_.resume = mirror_.position();
  auto opened = instance.watch().Open(request_, [wake = wake_] { wake->asleep = false; });
  if (!opened.ok()) return;  // no such namespace yet
  cursor_ = *std::move(opened);
  wake_->asleep = false;
  if (!request_.resume.has_value()) mirror_.BeginSnapshot();
  deps_.journal.Count(request_.resume.has_value() ? "watch resumes" : "watch snapshots");
  deps_.journal.Line("{} opens {}", name_,
                     request_.resume.has_value() ? request_.resume->ToString() : "a snapshot");
}

bool Watcher::ReadOne(Instance& instance) {
  if (cursor_ == nullptr || wake_->asleep) return false;
  const WatchStep step = cursor_->Next(deps_.clock.Monotonic());
  if (const auto* send = std::get_if<WatchSend>(&step)) {
    Take(*send, instance.encoder());
    return cursor_ != nullptr;
  }
  if (std::holds_alternative<WatchWait>(step)) {
    wake_->asleep = true;
    return false;
  }
  const absl::Status& cut = std::get<WatchCut>(step).status;
  if (ReasonOf(cut) != Reason::kWatchSlow) {
    deps_.journal.Violation("{} was cut: {}", name_, cut.ToString());
  }
  deps_.journal.Count("watches cut");
  cursor_.reset();
  return false;
}

void Watcher::Take(const WatchSend& send, const testing::FakeEncoder& encoder) {
  const std::uint64_t previous = send.previous_version;
  std::visit(
      Overload{[](const WatchBegan&) {},
               [&](const WatchSnapshotChunk& chunk) {
                 std::vector<directory::NodeViewPtr> views;
                 for (const NodePtr& node : chunk.nodes) views.push_back(node->view);
                 CheckMirror(mirror_.AddSnapshotChunk(views), "chunk");
               },
               [&](const WatchSnapshotEnd& end) {
                 CheckMirror(mirror_.EndSnapshot(end.position, end.hash), "snapshot");
               },
               [&](const WatchDiff& message) {
                 if (std::exchange(lose_a_diff_, false)) return;
                 CheckMirror(mirror_.ApplyDiff(previous, encoder.Decode(*message.encoded).diff),
                             "diff");
               },
               [&](const WatchBookmark& bookmark) {
                 CheckMirror(mirror_.ApplyBookmark(previous, bookmark.position, bookmark.hash),
                             "bookmark");
               },
               [&](const WatchResync& resync) {
                 deps_.journal.Count("resyncs");
                 deps_.journal.Line("{} resync {}", name_, static_cast<int>(resync.reason));
                 mirror_.BeginSnapshot();
               },
               [](const WatchDraining&) {}},
      send.item);
}

void Watcher::CheckMirror(const absl::Status& status, std::string_view what) {
  deps_.journal.Count("watch messages");
  if (!status.ok()) {
    deps_.journal.Violation("G1-G7: {} of {}: {}", what, name_, status.ToString());
    return cursor_.reset();
  }
  if (!mirror_.synced()) return;
  const directory::Position position = *mirror_.position();
  deps_.journal.Line("{} {} {} {}", name_, what, position.ToString(), mirror_.nodes().size());
  if (position.version >= expected_.size() ||
      position.incarnation != deps_.oracle.PositionOf(request_.ns).incarnation) {
    deps_.journal.Violation("G5: {} is at {}, which was never written", name_, position.ToString());
  } else if (mirror_.hash() != expected_[position.version]) {
    deps_.journal.Violation("G7: {} at {} holds something else", name_, position.ToString());
  }
}

bool Watcher::Converged() const {
  return mirror_.synced() && mirror_.position() == deps_.oracle.PositionOf(request_.ns) &&
         mirror_.hash() == expected_.back();
}

}  // namespace omninode::registry::simulation
