#include "common/envelope/beat_mac.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/crypto/hmac.h"
#include "common/envelope/byte_writer.h"

namespace omninode::envelope {
namespace {

constexpr std::string_view kBeatLabel = "omninode-beat-v1";

}  // namespace

BeatMac ComputeBeatMac(std::string_view lease_key, const BeatFields& beat) {
  const std::string message = ByteWriter()
                                  .Fixed(kBeatLabel)
                                  .Prefixed<std::uint16_t>(beat.network_id.value())
                                  .Prefixed<std::uint16_t>(beat.ns.value())
                                  .Number(beat.lease_handle)
                                  .Number(beat.sequence)
                                  .Number(static_cast<std::uint8_t>(beat.health))
                                  .Take();
  const crypto::Sha256Digest full = crypto::HmacSha256(lease_key, message);
  BeatMac mac;
  std::copy_n(full.begin(), mac.size(), mac.begin());
  return mac;
}

bool VerifyBeatMac(std::string_view lease_key, const BeatFields& beat, std::string_view mac) {
  return crypto::ConstantTimeEquals(AsText(ComputeBeatMac(lease_key, beat)), mac);
}

}  // namespace omninode::envelope
