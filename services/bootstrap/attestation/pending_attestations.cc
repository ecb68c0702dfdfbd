#include "services/bootstrap/attestation/pending_attestations.h"

#include <utility>

#include "common/base/reason.h"
#include "common/crypto/random.h"

namespace omninode::bootstrap {

absl::StatusOr<PendingAttestations::Ticket> PendingAttestations::Begin(AttestationClaim claim,
                                                                       MonotonicTime now) {
  Ticket ticket{crypto::RandomUuid(), crypto::RandomBytes(kChallengeBytes)};
  MutexLock lock(mutex_);
  DropEnded(now);
  if (slots_.size() >= kMaxPending) {
    return WithRetryAfter(
        Reject(Reason::kLoadShed, "{} attestations are under way already", kMaxPending),
        absl::Seconds(1));
  }
  slots_.push_back({ticket.id, now + kLife, {std::move(claim), ticket.challenge}});
  by_id_.emplace(slots_.back().id, std::prev(slots_.end()));
  return ticket;
}

std::optional<PendingAttestations::Pending> PendingAttestations::Take(std::string_view id,
                                                                      MonotonicTime now) {
  MutexLock lock(mutex_);
  DropEnded(now);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  const Slots::iterator slot = found->second;
  by_id_.erase(found);
  Pending pending = std::move(slot->pending);
  slots_.erase(slot);
  return pending;
}

std::size_t PendingAttestations::size() const {
  MutexLock lock(mutex_);
  return slots_.size();
}

void PendingAttestations::DropEnded(MonotonicTime now) {
  while (!slots_.empty() && slots_.front().ends_at <= now) {
    by_id_.erase(slots_.front().id);
    slots_.pop_front();
  }
}

}  // namespace omninode::bootstrap
