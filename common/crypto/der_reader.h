#ifndef OMNINODE_COMMON_CRYPTO_DER_READER_H_
#define OMNINODE_COMMON_CRYPTO_DER_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace omninode::crypto {

// Identifier octets (X.690 8.1.2). Context tags are made by DerContext.
inline constexpr std::uint8_t kDerBoolean = 0x01;
inline constexpr std::uint8_t kDerInteger = 0x02;
inline constexpr std::uint8_t kDerBitString = 0x03;
inline constexpr std::uint8_t kDerOctetString = 0x04;
inline constexpr std::uint8_t kDerNull = 0x05;
inline constexpr std::uint8_t kDerOid = 0x06;
inline constexpr std::uint8_t kDerUtf8String = 0x0c;
inline constexpr std::uint8_t kDerPrintableString = 0x13;
inline constexpr std::uint8_t kDerUtcTime = 0x17;
inline constexpr std::uint8_t kDerGeneralizedTime = 0x18;
inline constexpr std::uint8_t kDerSequence = 0x30;
inline constexpr std::uint8_t kDerSet = 0x31;
constexpr std::uint8_t DerContext(unsigned number, bool constructed) {
  return static_cast<std::uint8_t>(0x80U | (constructed ? 0x20U : 0U) | number);
}

struct DerElement {
  std::uint8_t tag = 0;
  std::string_view content;
  std::string_view whole;  // tag and length too
};

// Walks the elements of one level of a DER encoding (X.690): definite, minimal lengths, one-byte
// tags, nothing else. Views into the text given, which must outlive it. Not thread-safe. After a
// failure every call fails, so that a caller may check once, with AtEnd, at the end.
class DerReader final {
 public:
  explicit DerReader(std::string_view der) : rest_(der) {}

  // The next element, nullopt at the end or when it is not DER.
  std::optional<DerElement> Next();
  // The next element if it has this tag; anything else is a failure.
  std::optional<DerElement> Expect(std::uint8_t tag);
  // The next element if it has this tag; otherwise nothing is consumed.
  std::optional<DerElement> TryTake(std::uint8_t tag);

  // Everything was read and nothing failed.
  bool AtEnd() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::optional<DerElement> Fail();

  std::string_view rest_;
  bool failed_ = false;
};

// The magnitude of a non-negative, minimally encoded INTEGER, without leading zero byte.
std::optional<std::string_view> DerUnsigned(const DerElement& element);
// The bytes of a BIT STRING whose length is a multiple of eight.
std::optional<std::string_view> DerBitStringBytes(const DerElement& element);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_DER_READER_H_
