#ifndef OMNINODE_COMMON_ENVELOPE_BEAT_MAC_H_
#define OMNINODE_COMMON_ENVELOPE_BEAT_MAC_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "common/base/names.h"
#include "common/directory/health.h"

// The proof that a heartbeat comes from who holds the lease key. Pure functions, safe on any
// thread.
namespace omninode::envelope {

using BeatMac = std::array<std::uint8_t, 16>;

// What the MAC covers. Borrows the names.
struct BeatFields {
  const NetworkId& network_id;
  const NamespaceName& ns;
  std::uint64_t lease_handle = 0;
  std::uint64_t sequence = 0;
  directory::Health health = directory::Health::kServing;  // unspecified counts as serving
};

// The first 16 bytes of HMAC-SHA256 under `lease_key` over "omninode-beat-v1" | u16 len network |
// u16 len namespace | u64 handle | u64 sequence | u8 health, big-endian (heartbeat.proto).
BeatMac ComputeBeatMac(std::string_view lease_key, const BeatFields& beat);

// In a time that does not depend on where `mac` differs. False for another length.
bool VerifyBeatMac(std::string_view lease_key, const BeatFields& beat, std::string_view mac);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_BEAT_MAC_H_
