#ifndef OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_RELAY_H_
#define OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_RELAY_H_

#include <cstdint>
#include <string>
#include <variant>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace omninode::attestor {

// What a newcomer says, as the bytes of the message: it is for bootstrap to read, not for the
// relay.
struct StartStep {
  std::string bytes;  // an AttestationStart
};
struct ProofStep {
  std::string bytes;  // an AttestationProof
};
using NewcomerStep = std::variant<StartStep, ProofStep>;

// The order of one attestation: start, then proof, and nothing else. Pure; not thread-safe.
class AttestationRelay final {
 public:
  struct Begin {
    std::string start;
  };
  struct Finish {
    std::string attestation_id;
    std::string proof;
  };
  using UpstreamCall = std::variant<Begin, Finish>;

  // What to ask bootstrap for. MSG_MALFORMED for a step out of order.
  absl::StatusOr<UpstreamCall> Next(NewcomerStep step);
  // Bootstrap has answered Begin.
  void Challenged(std::string attestation_id);

 private:
  enum class State : std::uint8_t { kNew, kBeginning, kChallenged, kFinishing };
  State state_ = State::kNew;
  std::string attestation_id_;
};

// What a newcomer is told of an error that bootstrap answered with: the reasons that Attest
// documents. Everything else is between bootstrap and this attestor, which may itself be revoked or
// cut off; the newcomer hears STORE_UNAVAILABLE and when to come back. Pure.
absl::Status ForNewcomer(const absl::Status& upstream);

// Whether the newcomer is at fault in the way that a guesser of tokens is.
bool CountsAsGuess(const absl::Status& outcome);

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_API_ATTESTATION_RELAY_H_
