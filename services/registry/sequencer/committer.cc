#include "services/registry/sequencer/committer.h"

#include <utility>
#include <variant>

#include "common/base/check.h"
#include "common/base/reason.h"

namespace omninode::registry {
namespace {

// The log is looked after once in so many groups, and by so many at once: a little more than is
// added meanwhile, so that it shrinks and no commit waits for long.
constexpr std::uint64_t kCompactEvery = 64;
constexpr std::size_t kCompactGroups = 80;

// Completes commands whose reason has gone since they were made, and takes them out of the group.
void DropPointless(std::vector<Submission>& group) {
  std::erase_if(group, [](Submission& submission) {
    if (!submission.still_wanted || submission.still_wanted()) return false;
    std::move(submission.done)(Answer(NothingToDo{}));
    return true;
  });
}

// Whether the node itself spoke, rather than somebody about it.
bool IsOwnWord(const NodeChange& change) {
  return change.before == nullptr || change.before->last_message != change.after->last_message;
}

std::vector<Submission> Complete(std::vector<Submission> group, std::vector<Command> commands,
                                 std::vector<Outcome> outcomes, const absl::Status& committed) {
  std::vector<Submission> deferred;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (std::holds_alternative<Deferred>(outcomes[i])) {
      group[i].command = std::move(commands[i]);
      deferred.push_back(std::move(group[i]));
    } else if (auto* rejected = std::get_if<absl::Status>(&outcomes[i]); rejected != nullptr) {
      std::move(group[i].done)(std::move(*rejected));
    } else if (!committed.ok()) {
      std::move(group[i].done)(committed);
    } else {
      std::move(group[i].done)(std::get<Answer>(std::move(outcomes[i])));
    }
  }
  return deferred;
}

}  // namespace

LeaseInfo LeaseOf(const Node& node, std::uint64_t incarnation) {
  return {.node = node.view->ref(),
          .incarnation = incarnation,
          .handle = node.lease,
          .ttl = node.view->lease_ttl,
          .spiffe_id = node.signer.spiffe_id};
}

Committer::Committer(std::uint64_t keep_groups, const Ownership& ownership, Deps deps,
                     std::function<bool()> wait)
    : keep_groups_(keep_groups),
      deps_(std::move(deps)),
      commit_(deps_.store, ownership, [this, wait = std::move(wait)](const absl::Status& why) {
        ReportStore(why);
        return wait();
      }) {}

std::vector<Submission> Committer::Run(std::vector<Submission> group) {
  DropPointless(group);
  if (group.empty()) return {};
  if (commit_.seq() >= compacted_at_ + kCompactEvery) Compact();

  std::vector<Command> commands;
  commands.reserve(group.size());
  for (Submission& submission : group) commands.push_back(std::move(submission.command));
  const auto trust = deps_.trust.Current();
  Plan plan = MakePlan(deps_.table.StateForWriter(), commands,
                       {.now = deps_.clock.Now(), .trust = *trust, .term = commit_.term()});

  absl::Status committed;
  std::vector<AppliedRecord> applied;
  if (!plan.records.empty()) {
    committed = Commit(plan.records, commands.size());
    if (committed.ok()) applied = Apply(plan.records);
  }
  // Before the answers: who is told of a namespace or a version finds it when he asks to watch it.
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (plan.records[i].changes.empty() && !plan.records[i].created.has_value()) continue;
    deps_.watch.Publish(plan.records[i].ns, std::move(applied[i]));
  }
  return Complete(std::move(group), std::move(commands), std::move(plan.outcomes), committed);
}

absl::Status Committer::Commit(const std::vector<ChangeRecord>& records, std::size_t commands) {
  const MonotonicTime began = deps_.clock.Monotonic();
  absl::Status committed = commit_.Commit(records);
  ReportStore(committed);
  if (committed.ok() && deps_.on_commit) {
    deps_.on_commit({commands, deps_.clock.Monotonic() - began, records});
  }
  return committed;
}

void Committer::CheckStore() {
  // Who is deposed stays away, however well the store is.
  if (store_away_ && !deposed()) ReportStore(deps_.store.Check());
}

void Committer::Compact() {
  compacted_at_ = commit_.seq();
  if (commit_.seq() <= keep_groups_) return;
  const auto dropped = deps_.store.Compact(commit_.seq() - keep_groups_, kCompactGroups);
  if (!dropped.ok()) ReportStore(dropped.status());
}

void Committer::ReportStore(const absl::Status& status) {
  if (store_away_ == !status.ok()) return;
  store_away_ = !status.ok();
  if (deps_.on_store_status) deps_.on_store_status(status);
}

std::vector<AppliedRecord> Committer::Apply(const std::vector<ChangeRecord>& records) {
  std::vector<AppliedRecord> all;
  for (const ChangeRecord& record : records) {
    auto applied = deps_.table.Apply(record);
    // A committed record that does not fit the state it was planned on cannot happen.
    OMNI_CHECK(applied.ok());
    UpdateLeases(record);
    all.push_back(*std::move(applied));
  }
  return all;
}

void Committer::UpdateLeases(const ChangeRecord& record) {
  const MonotonicTime now = deps_.clock.Monotonic();
  const auto grant = [&](const Node& node) {
    deps_.leases.Grant(LeaseOf(node, record.incarnation), node.view->introspection.health(), now);
  };
  for (const NodeChange& change : record.changes) {
    if (change.after == nullptr) {
      deps_.leases.Drop(record.ns, change.before->lease);
    } else if (IsOwnWord(change)) {
      grant(*change.after);
    } else {
      // The beat that told it has renewed the lease; the commit that came later does not.
      deps_.leases.SetHealth(record.ns, change.after->lease,
                             change.after->view->introspection.health());
    }
  }
  for (const NodePtr& node : record.renewed) grant(*node);
}

}  // namespace omninode::registry
