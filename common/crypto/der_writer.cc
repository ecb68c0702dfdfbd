#include "common/crypto/der_writer.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "common/base/check.h"

namespace omninode::crypto {
namespace {

void AppendByte(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(static_cast<std::uint8_t>(value & 0xffU)));
}

void AppendLength(std::string& out, std::size_t length) {
  OMNI_CHECK(length < (std::size_t{1} << 24U));
  if (length < 0x80) return AppendByte(out, length);
  const std::size_t bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  AppendByte(out, 0x80U | bytes);
  for (std::size_t i = bytes; i-- > 0;) AppendByte(out, length >> (8 * i));
}

}  // namespace

std::string DerWrap(std::uint8_t tag, std::string_view content) {
  std::string out;
  out.reserve(content.size() + 5);
  AppendByte(out, tag);
  AppendLength(out, content.size());
  out.append(content);
  return out;
}

std::string DerConcat(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

std::string DerSequenceOf(std::initializer_list<std::string_view> parts) {
  return DerWrap(kDerSequence, DerConcat(parts));
}

std::string DerUnsignedInteger(std::string_view magnitude) {
  while (magnitude.size() > 1 && magnitude[0] == 0) magnitude.remove_prefix(1);
  std::string content;
  if (magnitude.empty() || (static_cast<std::uint8_t>(magnitude[0]) & 0x80U) != 0) {
    content.push_back(0);
  }
  content.append(magnitude);
  return DerWrap(kDerInteger, content);
}

std::string DerSmallInteger(std::uint8_t value) {
  OMNI_CHECK(value < 0x80);
  return DerWrap(kDerInteger, std::string(1, static_cast<char>(value)));
}

std::string DerBool(bool value) { return DerWrap(kDerBoolean, value ? "\xff" : std::string(1, 0)); }

std::string DerBitStringOf(std::string_view bytes) {
  std::string content(1, 0);  // no unused bits
  content.append(bytes);
  return DerWrap(kDerBitString, content);
}

std::string DerNamedBits(std::uint16_t bits) {
  std::string content(1, 0);
  unsigned last = 0;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if ((bits & (1U << bit)) == 0) continue;
    last = bit + 1;
    content.resize(std::max<std::size_t>(content.size(), bit / 8 + 2));
    content[bit / 8 + 1] =
        static_cast<char>(static_cast<std::uint8_t>(content[bit / 8 + 1]) | (0x80U >> (bit % 8)));
  }
  content[0] = static_cast<char>((8 - last % 8) % 8);
  return DerWrap(kDerBitString, content);
}

std::string DerTime(absl::Time time) {
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  OMNI_CHECK(second.year() >= 1950 && second.year() <= 9999);
  const std::string rest = fmt::format("{:02}{:02}{:02}{:02}{:02}Z", second.month(), second.day(),
                                       second.hour(), second.minute(), second.second());
  if (second.year() >= 2050) {
    return DerWrap(kDerGeneralizedTime, fmt::format("{:04}{}", second.year(), rest));
  }
  return DerWrap(kDerUtcTime, fmt::format("{:02}{}", second.year() % 100, rest));
}

}  // namespace omninode::crypto
