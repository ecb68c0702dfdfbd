#include "common/crypto/random.h"

#include <climits>
#include <cstring>

#include <fmt/format.h>
#include <openssl/rand.h>

#include "common/base/check.h"
#include "common/base/encoding.h"

namespace omninode::crypto {

std::string RandomBytes(std::size_t count) {
  OMNI_CHECK(count <= INT_MAX);
  std::string bytes(count, '\0');
  OMNI_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) ==
             1);
  return bytes;
}

std::uint64_t RandomUint64() {
  const std::string bytes = RandomBytes(sizeof(std::uint64_t));
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

std::string RandomUuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0fU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
  const std::string hex = HexEncode(bytes);
  const std::string_view view = hex;
  return fmt::format("{}-{}-{}-{}-{}", view.substr(0, 8), view.substr(8, 4), view.substr(12, 4),
                     view.substr(16, 4), view.substr(20));
}

}  // namespace omninode::crypto
