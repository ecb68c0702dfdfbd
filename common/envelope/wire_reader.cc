#include "common/envelope/wire_reader.h"

#include <optional>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::envelope {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;
constexpr std::uint64_t kMaxFieldNumber = (1U << 29) - 1;
constexpr std::uint64_t kWireTypeMask = 7;
constexpr unsigned kWireTypeBits = 3;

std::optional<WireType> WireTypeOf(std::uint64_t tag) {
  switch (const auto type = static_cast<WireType>(tag & kWireTypeMask)) {
    case WireType::kVarint:
    case WireType::kFixed64:
    case WireType::kLength:
    case WireType::kFixed32:
      return type;
  }
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(WireType type) {
  switch (type) {
    case WireType::kVarint:
      return "varint";
    case WireType::kFixed64:
      return "fixed64";
    case WireType::kLength:
      return "length";
    case WireType::kFixed32:
      return "fixed32";
  }
  OMNI_CHECK(false);
}

absl::StatusOr<WireField> WireReader::Next() {
  OMNI_ASSIGN_OR_RETURN(const std::uint64_t tag, ReadVarint());
  const std::uint64_t number = tag >> kWireTypeBits;
  if (number == 0 || number > kMaxFieldNumber) {
    return Reject(Reason::kMsgMalformed, "field number {} does not exist", number);
  }
  const auto type = WireTypeOf(tag);
  if (!type) {
    return Reject(Reason::kMsgMalformed, "field {} has wire type {}, which is not in use", number,
                  tag & kWireTypeMask);
  }
  WireField field{.number = static_cast<std::uint32_t>(number), .type = *type};
  switch (*type) {
    case WireType::kVarint:
    case WireType::kLength: {
      OMNI_ASSIGN_OR_RETURN(field.value, ReadVarint());
      break;
    }
    case WireType::kFixed64: {
      OMNI_ASSIGN_OR_RETURN(field.value, ReadFixed(8));
      break;
    }
    case WireType::kFixed32: {
      OMNI_ASSIGN_OR_RETURN(field.value, ReadFixed(4));
      break;
    }
  }
  return field;
}

absl::Status WireReader::ReadBytes(WireField* field) {
  if (field->value > rest_.size()) {
    return Reject(Reason::kMsgMalformed, "field {} announces {} bytes where {} are left",
                  field->number, field->value, rest_.size());
  }
  const auto length = static_cast<std::size_t>(field->value);
  field->bytes = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> WireReader::ReadVarint() {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kMaxVarintBytes && i < rest_.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_[i]);
    // Of the tenth byte only the lowest bit belongs to a 64 bit number.
    if (i == kMaxVarintBytes - 1 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) {
      return Reject(Reason::kMsgMalformed, "a number is written longer than it need be");
    }
    rest_.remove_prefix(i + 1);
    return value;
  }
  return Reject(Reason::kMsgMalformed, "a number is cut off or longer than 64 bits");
}

absl::StatusOr<std::uint64_t> WireReader::ReadFixed(std::size_t bytes) {
  if (rest_.size() < bytes) return Reject(Reason::kMsgMalformed, "a number is cut off");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(rest_[i])} << (8 * i);
  }
  rest_.remove_prefix(bytes);
  return value;
}

}  // namespace omninode::envelope
