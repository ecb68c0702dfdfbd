#include "services/registry/sequencer/group_commit.h"

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::registry {
namespace {

absl::Status StoreUnavailable(const absl::Status& cause) {
  return WithRetryAfter(
      Reject(Reason::kStoreUnavailable, "the store cannot be written: {}", Message(cause)),
      absl::Seconds(1));
}

absl::Status Deposed() { return Reject(Reason::kNotOwner, "another instance owns the shard"); }

}  // namespace

absl::Status GroupCommit::Commit(std::span<const ChangeRecord> records) {
  if (deposed_) return Deposed();
  const CommitResult result = store_.Commit(term_, seq_ + 1, records);
  switch (result.outcome) {
    case CommitOutcome::kCommitted:
      ++seq_;
      return absl::OkStatus();
    case CommitOutcome::kFenced:
      deposed_ = true;
      return Deposed();
    case CommitOutcome::kFailed:
      return StoreUnavailable(result.status);
    case CommitOutcome::kUnknown:
      return ResolveUnknown(result.status);
  }
  return Reject(Reason::kInternal, "commit outcome out of range");
}

absl::Status GroupCommit::ResolveUnknown(const absl::Status& cause) {
  while (true) {
    const auto head = store_.Head();
    if (head.ok()) {
      if (*head == seq_) return StoreUnavailable(cause);
      if (*head == seq_ + 1) {
        ++seq_;
        return absl::OkStatus();
      }
      // Groups that this instance did not write, or fewer than it wrote: not its log any more.
      deposed_ = true;
      return Deposed();
    }
    if (!wait_(StoreUnavailable(head.status()))) {
      // What is on the disk is read at the next start; until then nothing more is written.
      deposed_ = true;
      return StoreUnavailable(cause);
    }
  }
}

}  // namespace omninode::registry
