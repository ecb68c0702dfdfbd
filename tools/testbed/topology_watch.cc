#include "tools/testbed/topology_watch.h"

#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/time/clock.h"

namespace omninode::testbed {
namespace {

// Often, so that a test which is over soon has compared hashes too.
constexpr absl::Duration kBookmarkInterval = absl::Milliseconds(200);

}  // namespace

class TopologyWatch::Recorder final : public node::TopologyObserver {
 public:
  void OnDiff(std::uint64_t /*previous_version*/, const node::TopologyStep& step) override {
    const MonotonicTime now = SystemClock().Monotonic();
    for (const directory::TopologyChange& change : step.diff.changes) {
      log.Add({step.diff.position, change, now});
    }
  }

  EventLog<SeenChange> log;
};

TopologyWatch::TopologyWatch() : recorder_(std::make_unique<Recorder>()) {}
TopologyWatch::~TopologyWatch() = default;

absl::StatusOr<std::unique_ptr<TopologyWatch>> TopologyWatch::Start(Member& member,
                                                                    const NamespaceName& ns,
                                                                    telemetry::Logger& logger,
                                                                    absl::Duration timeout) {
  std::unique_ptr<TopologyWatch> watch(new TopologyWatch());
  OMNI_ASSIGN_OR_RETURN(watch->mirror_, node::TopologyMirror::Start(
                                            {.registry = member.channels(),
                                             .svids = &member.membership().svids(),
                                             .trust = &member.membership().trust(),
                                             .logger = &logger},
                                            {.network = member.membership().network().network_id,
                                             .ns = ns,
                                             .min_interval = absl::ZeroDuration(),
                                             .bookmark_interval = kBookmarkInterval,
                                             .watcher_name = "testbed"},
                                            watch->recorder_.get()));
  if (watch->mirror_->WaitSynced(timeout)) return watch;
  return Error(absl::StatusCode::kDeadlineExceeded, "no snapshot of {} within {}", ns.value(),
               absl::FormatDuration(timeout));
}

std::size_t TopologyWatch::Mark() const { return recorder_->log.size(); }

std::vector<SeenChange> TopologyWatch::Changes(std::size_t mark) const {
  return recorder_->log.From(mark);
}

absl::StatusOr<SeenChange> TopologyWatch::WaitFor(std::string_view node_id,
                                                  directory::ChangeKind kind,
                                                  absl::Duration timeout, std::size_t mark) const {
  const auto seen = recorder_->log.WaitFor(
      [&](const SeenChange& event) {
        return event.change.node_id.value() == node_id && event.change.kind == kind;
      },
      timeout, mark);
  if (seen.has_value()) return *seen;
  std::vector<std::string> others;
  for (const SeenChange& other : Changes(mark)) others.push_back(Describe(other));
  return Error(absl::StatusCode::kDeadlineExceeded,
               "the watcher did not see {} {} within {}; it saw: {}", node_id,
               directory::NameOf(kind), absl::FormatDuration(timeout),
               others.empty() ? "nothing" : Join(others, "; "));
}

absl::Status TopologyWatch::CheckPromises() const {
  const node::MirrorStats stats = mirror_->stats();
  if (stats.violations() == 0 && stats.hashes_checked > 0) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss,
               "{} gaps, {} duplicates, {} wrong hashes of {}, {} contradictions, {} bad evidence",
               stats.gaps, stats.duplicates, stats.hash_mismatches, stats.hashes_checked,
               stats.contradictions, stats.evidence_failures);
}

std::string Describe(const SeenChange& seen) {
  std::string text = fmt::format("{} {}", seen.change.node_id.value(), NameOf(seen.change.kind));
  if (seen.change.kind == directory::ChangeKind::kUpdated) {
    text += fmt::format(" {{{}}}", fmt::join(seen.change.changed_fields.Names(), ","));
  }
  if (seen.change.removal_reason.has_value()) {
    text += fmt::format(" ({})", NameOf(*seen.change.removal_reason));
  }
  return text + " at " + seen.position.ToString();
}

}  // namespace omninode::testbed
