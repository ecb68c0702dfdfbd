#include "services/registry/sequencer/sequencer.h"

#include <utility>

#include "common/base/reason.h"
#include "common/concurrency/thread_name.h"

namespace omninode::registry {
namespace {

// How long an idle loop sleeps, and how often an unknown outcome is asked for again.
constexpr absl::Duration kIdle = absl::Milliseconds(200);

void CompleteAll(std::vector<Submission>& batch, const absl::Status& status) {
  for (Submission& submission : batch) std::move(submission.done)(status);
  batch.clear();
}

}  // namespace

Sequencer::Sequencer(Options options, const Ownership& ownership, Deps deps)
    : options_(options),
      term_(ownership.term),
      queue_(options.control_capacity, options.data_capacity),
      committer_(options.keep_groups, ownership, std::move(deps),
                 [this] {
                   queue_.WaitForClose(kIdle);
                   return !queue_.closed();
                 }),
      thread_([this] { Run(); }) {}

Sequencer::~Sequencer() {
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
  // Nothing enters a closed queue, so what is taken after the loop is all there is.
  while (!queue_.closed()) Step();
  std::vector<Submission> rest = std::move(deferred_);
  queue_.Take(&rest, SIZE_MAX, {});
  CompleteAll(rest, Reject(Reason::kShuttingDown, "the registry is stopping"));
}

void Sequencer::Step() {
  std::vector<Submission> group = std::exchange(deferred_, {});
  queue_.Take(&group, options_.max_group,
              {.timeout = kIdle, .linger = options_.linger, .small_group = options_.small_group});
  if (group.empty()) return committer_.CheckStore();
  const std::uint64_t before = committer_.seq();
  deferred_ = committer_.Run(std::move(group));
  committed_groups_ += committer_.seq() - before;
}

}  // namespace omninode::registry
