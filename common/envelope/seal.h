#ifndef OMNINODE_COMMON_ENVELOPE_SEAL_H_
#define OMNINODE_COMMON_ENVELOPE_SEAL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/envelope/envelope_body.h"
#include "common/envelope/raw_envelope.h"
#include "common/identity/x509_svid.h"

namespace omninode::envelope {

// What stays the same when one content is signed again, for a retry or with a new certificate.
struct SealInput {
  EventType type = EventType::kNodeIntrospection;
  absl::Time timestamp;  // when the content was made
  Audience audience;
  std::uint64_t sequence = 0;
  std::string correlation_id;
  std::string payload;  // see payload.h
};

// The envelope of `input` signed by `svid`. `event_id` is new for every signing:
// crypto::RandomUuid(). Same arguments, same body; an ECDSA signature differs each time. Fails with
// ARGUMENT_INVALID or MSG_TOO_LARGE when a receiver would refuse it.
absl::StatusOr<RawEnvelope> SealRaw(const SealInput& input, std::string_view event_id,
                                    absl::Time signed_at, const identity::X509Svid& svid);
// The same as a serialized SignedEnvelope.
absl::StatusOr<std::string> Seal(const SealInput& input, std::string_view event_id,
                                 absl::Time signed_at, const identity::X509Svid& svid);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_SEAL_H_
