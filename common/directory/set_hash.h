#ifndef OMNINODE_COMMON_DIRECTORY_SET_HASH_H_
#define OMNINODE_COMMON_DIRECTORY_SET_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/crypto/digest.h"

namespace omninode::directory {

// The hash of a set: the sum modulo 2^256 of its members' SHA-256 digests, each read as a
// big-endian number. Independent of order, kept incrementally. It finds accidents; against somebody
// who chooses members freely a sum is weaker than SHA-256 itself (generalised birthday attack), and
// what must not be forged is signed.
// A small value. Remove undoes Add; nothing tells whether a digest had been added.
class SetHash final {
 public:
  static constexpr std::size_t kBytes = 32;

  // Zero: the empty set.
  SetHash() = default;
  // ARGUMENT_INVALID unless `bytes` has kBytes.
  static absl::StatusOr<SetHash> FromBytes(std::string_view bytes);

  void Add(const crypto::Sha256Digest& digest);
  void Remove(const crypto::Sha256Digest& digest);

  std::string ToBytes() const;  // big-endian
  std::string ToHex() const;    // of the bytes, lower case

  friend bool operator==(const SetHash&, const SetHash&) = default;

 private:
  std::array<std::uint64_t, 4> limbs_ = {};  // least significant first
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_SET_HASH_H_
