#include "common/envelope/wire_scan.h"

#include <bitset>
#include <limits>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/wire_reader.h"

namespace omninode::envelope {
namespace {

constexpr std::uint64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();
// Negative numbers of 32 bits are written as if they had 64.
constexpr std::uint64_t kMinInt32 =
    static_cast<std::uint64_t>(std::int64_t{std::numeric_limits<std::int32_t>::min()});

WireType WireTypeOf(FieldKind kind) {
  switch (kind) {
    case FieldKind::kUint64:
    case FieldKind::kInt64:
    case FieldKind::kInt32:
    case FieldKind::kEnum:
      return WireType::kVarint;
    case FieldKind::kBytes:
    case FieldKind::kText:
    case FieldKind::kName:
    case FieldKind::kMessage:
      return WireType::kLength;
  }
  OMNI_CHECK(false);
}

const FieldRule* FindRule(const MessageRule& rule, std::uint32_t number) {
  for (const FieldRule& field : rule.fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

absl::Status CheckNumber(const FieldRule& rule, std::uint64_t value) {
  const bool fits = [&] {
    if (rule.kind == FieldKind::kEnum) return value <= kMaxInt32;
    if (rule.kind == FieldKind::kInt32) return value <= kMaxInt32 || value >= kMinInt32;
    return true;
  }();
  if (fits) return absl::OkStatus();
  return AtField(Reject(Reason::kMsgMalformed, "{} does not fit into the field", value), rule.name);
}

absl::Status CheckContent(const FieldRule& rule, std::string_view bytes, Strictness strictness) {
  switch (rule.kind) {
    case FieldKind::kText:
    case FieldKind::kName: {
      if (IsValidUtf8(bytes)) return absl::OkStatus();
      // Names are told, other texts are payload.
      return AtField(
          rule.kind == FieldKind::kName
              ? Reject(Reason::kNameInvalid, "'{}' is not UTF-8", EscapeForDisplay(bytes, 64))
              : Reject(Reason::kMsgMalformed, "not UTF-8"),
          rule.name);
    }
    case FieldKind::kMessage:
      return AtField(ScanMessage(bytes, *rule.message, strictness), rule.name);
    default:
      return absl::OkStatus();
  }
}

// The announced length is judged before the bytes are looked for: a length of 2 GiB is too large
// and not merely cut off.
absl::Status ScanBytes(WireReader& reader, WireField& field, const FieldRule& rule,
                       Strictness strictness) {
  if (field.value > rule.max_bytes) {
    return AtField(Reject(Reason::kMsgTooLarge, "{} bytes, at most {} are allowed", field.value,
                          rule.max_bytes),
                   rule.name);
  }
  OMNI_RETURN_IF_ERROR(AtField(reader.ReadBytes(&field), rule.name));
  return CheckContent(rule, field.bytes, strictness);
}

}  // namespace

absl::Status ScanMessage(std::string_view bytes, const MessageRule& rule, Strictness strictness) {
  OMNI_CHECK(rule.fields.size() <= MessageRule::kMaxFields);
  std::bitset<MessageRule::kMaxFields> seen;
  WireReader reader(bytes);
  while (!reader.done()) {
    OMNI_ASSIGN_OR_RETURN(WireField field, reader.Next());
    const FieldRule* known = FindRule(rule, field.number);
    if (known == nullptr) {
      if (strictness == Strictness::kRefuseUnknown) {
        return Reject(Reason::kMsgMalformed, "unknown field {}", field.number);
      }
      if (field.type == WireType::kLength) OMNI_RETURN_IF_ERROR(reader.ReadBytes(&field));
      continue;
    }
    if (field.type != WireTypeOf(known->kind)) {
      return AtField(Reject(Reason::kMsgMalformed, "has wire type {}", NameOf(field.type)),
                     known->name);
    }
    const auto index = static_cast<std::size_t>(known - rule.fields.data());
    if (seen.test(index) && !known->repeated) {
      return AtField(Reject(Reason::kMsgMalformed, "appears twice"), known->name);
    }
    seen.set(index);
    OMNI_RETURN_IF_ERROR(field.type == WireType::kLength
                             ? ScanBytes(reader, field, *known, strictness)
                             : CheckNumber(*known, field.value));
  }
  return absl::OkStatus();
}

}  // namespace omninode::envelope
