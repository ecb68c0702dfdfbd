#include "common/envelope/join_proof.h"

#include <cstdint>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/envelope/byte_writer.h"

namespace omninode::envelope {
namespace {

constexpr std::string_view kJoinLabel = "omninode-join-v1";

}  // namespace

absl::StatusOr<std::string> JoinProofMessage(const JoinProofFields& fields) {
  if (fields.token_id.empty() || fields.token_id.size() > kMaxTokenIdBytes) {
    return AtField(Reject(Reason::kArgumentInvalid, "{} bytes where 1 to {} are allowed",
                          fields.token_id.size(), kMaxTokenIdBytes),
                   "token_id");
  }
  if (fields.challenge.size() != kJoinChallengeBytes) {
    return AtField(Reject(Reason::kArgumentInvalid, "{} bytes where {} are due",
                          fields.challenge.size(), kJoinChallengeBytes),
                   "challenge");
  }
  return ByteWriter()
      .Fixed(kJoinLabel)
      .Prefixed<std::uint16_t>(fields.token_id)
      .Fixed(crypto::DigestBytes(crypto::Sha256(fields.csr_der)))
      .Prefixed<std::uint16_t>(fields.trust_domain.name())
      .Fixed(fields.challenge)
      .Take();
}

}  // namespace omninode::envelope
