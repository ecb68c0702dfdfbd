#ifndef OMNINODE_COMMON_CRYPTO_DER_WRITER_H_
#define OMNINODE_COMMON_CRYPTO_DER_WRITER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "common/crypto/der_reader.h"

// Makes DER encodings (X.690) from the inside out: every function returns one whole element. Pure.
// Used instead of OpenSSL's object model, which costs several times more per certificate.
namespace omninode::crypto {

std::string DerWrap(std::uint8_t tag, std::string_view content);
std::string DerConcat(std::initializer_list<std::string_view> parts);  // elements side by side
std::string DerSequenceOf(std::initializer_list<std::string_view> parts);

// A non-negative INTEGER from big-endian bytes; leading zeros are dropped.
std::string DerUnsignedInteger(std::string_view magnitude);
std::string DerSmallInteger(std::uint8_t value);  // REQUIRES: value < 128
std::string DerBool(bool value);
std::string DerBitStringOf(std::string_view bytes);
// The named-bit-list form: bit 0 is the first one; trailing zero bits are dropped.
std::string DerNamedBits(std::uint16_t bits);
// UTCTime up to 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). Whole seconds, rounded down.
std::string DerTime(absl::Time time);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_DER_WRITER_H_
