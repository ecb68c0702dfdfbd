#include "services/registry/sequencer/sequencer.h"

#include <utility>
#include <variant>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"
#include "services/registry/topology/plan.h"

namespace omninode::registry {
namespace {

// How long an idle loop sleeps, and how often an unknown outcome is asked for again.
constexpr absl::Duration kIdle = absl::Milliseconds(200);

// The log is looked after once in so many groups, and by so many at once: a little more than is
// added meanwhile, so that it shrinks and no commit waits for long.
constexpr std::uint64_t kCompactEvery = 64;
constexpr std::size_t kCompactGroups = 80;

void CompleteAll(std::vector<Submission>& batch, const absl::Status& status) {
  for (Submission& submission : batch) std::move(submission.done)(status);
  batch.clear();
}

}  // namespace

LeaseInfo LeaseOf(const Node& node, std::uint64_t incarnation) {
  return {.node = node.view->ref(),
          .incarnation = incarnation,
          .handle = node.lease,
          .ttl = node.view->lease_ttl,
          .spiffe_id = node.signer.spiffe_id};
}

Sequencer::Sequencer(Options options, Ownership ownership, Deps deps)
    : options_(options),
      term_(ownership.term),
      deps_(std::move(deps)),
      queue_(options.control_capacity, options.data_capacity),
      commit_(deps_.store, ownership,
              [this] {
                queue_.WaitForClose(kIdle);
                return !stopping_;
              }),
      thread_([this] { Run(); }) {}

Sequencer::~Sequencer() {
  stopping_ = true;
  queue_.Close();
  thread_.join();
}

void Sequencer::Submit(std::vector<Submission> batch, Urgency urgency) {
  if (queue_.TryPush(batch, urgency)) return;
  if (queue_.closed()) {
    return CompleteAll(batch, Reject(Reason::kShuttingDown, "the registry is stopping"));
  }
  CompleteAll(batch, WithRetryAfter(Reject(Reason::kLoadShed, "the sequencer's queue is full"),
                                    absl::Milliseconds(100)));
}

void Sequencer::Run() {
  SetThreadName("sequencer");
  while (!stopping_) Step();
  std::vector<Submission> rest = std::move(deferred_);
  queue_.Take(&rest, SIZE_MAX, {});
  CompleteAll(rest, Reject(Reason::kShuttingDown, "the registry is stopping"));
}

void Sequencer::Step() {
  std::vector<Submission> group = std::exchange(deferred_, {});
  queue_.Take(&group, options_.max_group,
              {.timeout = kIdle, .linger = options_.linger, .small_group = options_.small_group});
  if (group.empty()) {
    if (store_away_) ReportStore(deps_.store.Check());
    return;
  }
  if (commit_.seq() >= compacted_at_ + kCompactEvery) Compact();

  std::vector<Command> commands;
  commands.reserve(group.size());
  for (Submission& submission : group) commands.push_back(std::move(submission.command));
  const auto trust = deps_.trust.Current();
  Plan plan = MakePlan(deps_.table.StateForWriter(), commands,
                       {.now = deps_.clock.Now(), .trust = *trust, .term = commit_.term()});

  absl::Status committed;
  if (!plan.records.empty()) {
    committed = commit_.Commit(plan.records);
    ReportStore(committed);
  }
  std::vector<AppliedRecord> applied;
  if (committed.ok()) applied = Apply(plan.records);
  for (std::size_t i = 0; i < group.size(); ++i) group[i].command = std::move(commands[i]);
  Complete(group, plan.outcomes, committed);
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (!plan.records[i].changes.empty()) {
      deps_.watch.Publish(plan.records[i].ns, std::move(applied[i]));
    }
  }
}

void Sequencer::Compact() {
  compacted_at_ = commit_.seq();
  if (commit_.seq() <= options_.keep_groups) return;
  const auto dropped = deps_.store.Compact(commit_.seq() - options_.keep_groups, kCompactGroups);
  if (!dropped.ok()) ReportStore(dropped.status());
}

void Sequencer::ReportStore(const absl::Status& status) {
  if (store_away_ == !status.ok()) return;
  store_away_ = !status.ok();
  deps_.on_store_status(status);
}

std::vector<AppliedRecord> Sequencer::Apply(const std::vector<ChangeRecord>& records) {
  if (!records.empty()) ++committed_groups_;
  std::vector<AppliedRecord> all;
  for (const ChangeRecord& record : records) {
    auto applied = deps_.table.Apply(record);
    // A committed record that does not fit the state it was planned on cannot happen.
    OMNI_CHECK(applied.ok());
    const MonotonicTime now = deps_.clock.Monotonic();
    for (const NodeChange& change : record.changes) {
      if (change.after != nullptr) {
        deps_.leases.Grant(LeaseOf(*change.after, record.incarnation),
                           change.after->view->introspection.health(), now);
      } else {
        deps_.leases.Drop(record.ns, change.before->lease);
      }
    }
    for (const NodePtr& node : record.renewed) {
      deps_.leases.Grant(LeaseOf(*node, record.incarnation), node->view->introspection.health(),
                         now);
    }
    all.push_back(*std::move(applied));
  }
  return all;
}

void Sequencer::Complete(std::vector<Submission>& group, std::vector<Outcome>& outcomes,
                         const absl::Status& committed) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (std::holds_alternative<Deferred>(outcomes[i])) {
      deferred_.push_back(std::move(group[i]));
    } else if (auto* rejected = std::get_if<absl::Status>(&outcomes[i]); rejected != nullptr) {
      std::move(group[i].done)(std::move(*rejected));
    } else if (!committed.ok()) {
      std::move(group[i].done)(committed);
    } else {
      std::move(group[i].done)(std::get<Answer>(std::move(outcomes[i])));
    }
  }
}

}  // namespace omninode::registry
