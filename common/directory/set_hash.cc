#include "common/directory/set_hash.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::directory {
namespace {

using Limbs = std::array<std::uint64_t, 4>;

Limbs ToLimbs(const crypto::Sha256Digest& bytes) {
  Limbs limbs = {};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint64_t& limb = limbs[3 - i / 8];
    limb = (limb << 8) | bytes[i];
  }
  return limbs;
}

}  // namespace

absl::StatusOr<SetHash> SetHash::FromBytes(std::string_view bytes) {
  if (bytes.size() != kBytes) {
    return Reject(Reason::kArgumentInvalid, "a topology hash has {} bytes, not {}", kBytes,
                  bytes.size());
  }
  crypto::Sha256Digest number;
  std::ranges::copy(AsBytes(bytes), number.begin());
  SetHash hash;
  hash.limbs_ = ToLimbs(number);
  return hash;
}

void SetHash::Add(const crypto::Sha256Digest& digest) {
  const Limbs other = ToLimbs(digest);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t partial = limbs_[i] + other[i];
    const std::uint64_t sum = partial + carry;
    carry = (partial < other[i] || sum < partial) ? 1 : 0;
    limbs_[i] = sum;
  }
}

void SetHash::Remove(const crypto::Sha256Digest& digest) {
  const Limbs other = ToLimbs(digest);
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t partial = limbs_[i] - other[i];
    const std::uint64_t difference = partial - borrow;
    borrow = (limbs_[i] < other[i] || partial < borrow) ? 1 : 0;
    limbs_[i] = difference;
  }
}

std::string SetHash::ToBytes() const {
  std::string bytes;
  bytes.reserve(kBytes);
  for (std::size_t i = 0; i < kBytes; ++i) {
    bytes.push_back(static_cast<char>(limbs_[3 - i / 8] >> (56 - 8 * (i % 8))));
  }
  return bytes;
}

std::string SetHash::ToHex() const { return HexEncode(ToBytes()); }

}  // namespace omninode::directory
