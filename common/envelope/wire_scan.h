#ifndef OMNINODE_COMMON_ENVELOPE_WIRE_SCAN_H_
#define OMNINODE_COMMON_ENVELOPE_WIRE_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include <absl/status/status.h>

// Judges the bytes of a protobuf message before protobuf sees them. Protobuf takes the last of two
// values of a field, merges two messages, cuts a too large number to its size and keeps what it
// does not know; signed bytes must not leave such a choice to the reader.
namespace omninode::envelope {

// What happens to fields that are not in the table.
enum class Strictness : std::uint8_t {
  kRefuseUnknown,  // the registry that admits a message: it answers for what it lets in
  kIgnoreUnknown,  // everybody further on: a newer registry may have let in more
};

enum class FieldKind : std::uint8_t {
  kUint64,
  kInt64,
  kInt32,  // refuses what does not fit
  kEnum,   // refuses negative numbers and what does not fit
  kBytes,
  kText,     // UTF-8, else MSG_MALFORMED
  kName,     // UTF-8, else NAME_INVALID
  kMessage,  // judged by `message`
};

struct MessageRule;

struct FieldRule {
  std::uint32_t number;
  FieldKind kind;
  std::string_view name;  // in error paths
  bool repeated = false;
  std::size_t max_bytes = std::numeric_limits<std::size_t>::max();
  const MessageRule* message = nullptr;  // of kMessage; never leads back, so depth has a bound
};

// The fields that a message may have; at most kMaxFields.
struct MessageRule {
  static constexpr std::size_t kMaxFields = 32;
  std::span<const FieldRule> fields;
};

// OK when `bytes` are one message after `rule`. Pure; allocates nothing unless it refuses. Fails,
// with the path of the field, with
//   MSG_TOO_LARGE  a field announces more than its bound, whether or not the bytes follow;
//   NAME_INVALID   a kName is not UTF-8;
//   MSG_MALFORMED  anything else: not the encoding of WireReader, a known field of another wire
//                  type (under either strictness), a second value where there is one, an unknown
//                  field under kRefuseUnknown.
absl::Status ScanMessage(std::string_view bytes, const MessageRule& rule, Strictness strictness);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_WIRE_SCAN_H_
