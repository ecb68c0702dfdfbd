#include "services/attestor/api/attestation_relay.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::attestor {
namespace {

constexpr absl::Duration kRetryUpstream = absl::Seconds(1);

constexpr auto kForNewcomers = std::to_array<Reason>({
    Reason::kMsgTooLarge,
    Reason::kMsgMalformed,
    Reason::kArgumentInvalid,
    Reason::kSpiffeIdInvalid,
    Reason::kTokenInvalid,
    Reason::kTokenUsed,
    Reason::kTokenExpired,
    Reason::kTokenBinding,
    Reason::kCsrForbiddenExt,
    Reason::kCsrWeakKey,
    Reason::kCsrBadPop,
    Reason::kKeyReused,
    Reason::kEntryMissing,
    Reason::kIdentityBanned,
    Reason::kLoadShed,
    Reason::kStoreUnavailable,
});

}  // namespace

absl::StatusOr<AttestationRelay::UpstreamCall> AttestationRelay::Next(NewcomerStep step) {
  if (auto* start = std::get_if<StartStep>(&step); start != nullptr && state_ == State::kNew) {
    state_ = State::kBeginning;
    return UpstreamCall(Begin{std::move(start->bytes)});
  }
  auto* proof = std::get_if<ProofStep>(&step);
  if (proof != nullptr && state_ == State::kChallenged) {
    state_ = State::kFinishing;
    return UpstreamCall(Finish{std::move(attestation_id_), std::move(proof->bytes)});
  }
  return Reject(Reason::kMsgMalformed, "{} is out of order: first start, then proof, each once",
                proof == nullptr ? "start" : "proof");
}

void AttestationRelay::Challenged(std::string attestation_id) {
  state_ = State::kChallenged;
  attestation_id_ = std::move(attestation_id);
}

absl::Status ForNewcomer(const absl::Status& upstream) {
  const std::optional<Reason> reason = ReasonOf(upstream);
  if (upstream.ok() ||
      (reason.has_value() && std::ranges::find(kForNewcomers, *reason) != kForNewcomers.end())) {
    return upstream;
  }
  return WithRetryAfter(
      Reject(Reason::kStoreUnavailable, "the bootstrap service cannot be asked now"),
      kRetryUpstream);
}

bool CountsAsGuess(const absl::Status& outcome) {
  return ReasonOf(outcome) == Reason::kTokenInvalid;
}

}  // namespace omninode::attestor
