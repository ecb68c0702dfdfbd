#ifndef OMNINODE_COMMON_ENVELOPE_BYTE_WRITER_H_
#define OMNINODE_COMMON_ENVELOPE_BYTE_WRITER_H_

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/check.h"

namespace omninode::envelope {

// Builds bytes that are hashed, signed or MACed: integers big-endian, every part of variable length
// with its length before it, so that different parts never give the same bytes.
class ByteWriter final {
 public:
  template <std::unsigned_integral Integer>
  ByteWriter& Number(Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof(value)) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>((std::uint64_t{value} >> shift) & 0xff));
    }
    return *this;
  }

  // Bytes of a length that is fixed by what they are.
  ByteWriter& Fixed(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }

  // The length as `Length`, then the bytes. REQUIRES: the length fits.
  template <std::unsigned_integral Length>
  ByteWriter& Prefixed(std::string_view bytes) {
    OMNI_CHECK(bytes.size() <= std::numeric_limits<Length>::max());
    return Number(static_cast<Length>(bytes.size())).Fixed(bytes);
  }

  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_BYTE_WRITER_H_
