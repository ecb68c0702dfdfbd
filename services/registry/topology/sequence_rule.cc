#include "services/registry/topology/sequence_rule.h"

#include <string>

#include "common/base/reason.h"

namespace omninode::registry {

absl::Status StaleSequence(const Admitted& admitted, std::uint64_t last_sequence) {
  absl::Status status =
      Reject(Reason::kStaleSequence, "sequence {} is not above the last one of '{}'",
             admitted.sequence, admitted.node.id.value());
  if (admitted.submitter != admitted.signer.spiffe_id) return status;
  return WithMetadata(std::move(status), "last_sequence", std::to_string(last_sequence));
}

absl::StatusOr<SequenceVerdict> JudgeSequence(const Admitted& admitted, const Node* live,
                                              const Departed* departed) {
  if (live != nullptr && live->signer.spiffe_id != admitted.signer.spiffe_id) {
    return Reject(Reason::kSubjectMismatch, "node id '{}' belongs to another identity",
                  admitted.node.id.value());
  }
  if (live == nullptr && departed == nullptr) return SequenceVerdict::kNew;
  const LastMessage& last = live != nullptr ? live->last_message : departed->last_message;
  if (admitted.sequence > last.sequence) return SequenceVerdict::kNew;
  if (admitted.sequence < last.sequence) return StaleSequence(admitted, last.sequence);
  if (admitted.digest != last.digest) {
    return Reject(Reason::kIdempotencyKeyReused, "sequence {} was used for another message",
                  admitted.sequence);
  }
  if (admitted.submitter != admitted.signer.spiffe_id && admitted.submitter != last.submitter) {
    return Reject(Reason::kReplay, "this message was accepted before, from somebody else");
  }
  return SequenceVerdict::kRepeated;
}

absl::Status CheckSigner(const identity::TrustState& trust, const Signer& signer) {
  const identity::Revocations& revocations = trust.revocations;
  if (revocations.size() == 0) return absl::OkStatus();
  if (revocations.IsRevokedKey(signer.certificate_key)) {
    return Reject(Reason::kCertRevoked, "the certificate of '{}' was revoked", signer.spiffe_id);
  }
  const auto id = identity::SpiffeId::Parse(signer.spiffe_id);
  if (!id.ok()) return id.status();
  if (revocations.IsBanned(*id, signer.not_before)) {
    return Reject(Reason::kIdentityBanned, "'{}' is banned", signer.spiffe_id);
  }
  return absl::OkStatus();
}

}  // namespace omninode::registry
