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

}  // namespace

absl::Status GroupCommit::Commit(std::span<const ChangeRecord> records) {
  if (deposed_) return Reject(Reason::kNotOwner, "another instance owns the shard");
  const CommitResult result = store_.Commit(term_, seq_ + 1, records);
  switch (result.outcome) {
    case CommitOutcome::kCommitted:
      ++seq_;
      return absl::OkStatus();
    case CommitOutcome::kFenced:
      deposed_ = true;
      return Reject(Reason::kNotOwner, "another instance owns the shard");
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
      ++seq_;
      return absl::OkStatus();
    }
    if (!wait_()) {
      // What is on the disk is read at the next start; until then nothing more is written.
      deposed_ = true;
      return StoreUnavailable(cause);
    }
  }
}

}  // namespace omninode::registry
