#ifndef OMNINODE_COMMON_ENVELOPE_TEST_WIRE_H_
#define OMNINODE_COMMON_ENVELOPE_TEST_WIRE_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

// Protobuf's encoding by hand, for the tests of this folder: what a well-behaved encoder does not
// write.
namespace omninode::envelope::testing {

inline std::string Varint(std::uint64_t value) {
  std::string bytes;
  while (value >= 0x80) {
    bytes.push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

// The same number with one byte more than it needs.
inline std::string OverlongVarint(std::uint64_t value) {
  std::string bytes = Varint(value);
  bytes.back() = static_cast<char>(bytes.back() | '\x80');
  bytes.push_back('\0');
  return bytes;
}

inline std::string Tag(std::uint32_t number, unsigned type) {
  return Varint(std::uint64_t{number} << 3 | type);
}
inline std::string NumberField(std::uint32_t number, std::uint64_t value) {
  return Tag(number, 0) + Varint(value);
}
inline std::string BytesField(std::uint32_t number, std::string_view bytes) {
  return Tag(number, 2) + Varint(bytes.size()) + std::string(bytes);
}

inline std::string Bytes(std::initializer_list<unsigned> values) {
  std::string bytes;
  for (const unsigned value : values) bytes.push_back(static_cast<char>(value));
  return bytes;
}

}  // namespace omninode::envelope::testing

#endif  // OMNINODE_COMMON_ENVELOPE_TEST_WIRE_H_
