#ifndef OMNINODE_COMMON_ENVELOPE_WIRE_READER_H_
#define OMNINODE_COMMON_ENVELOPE_WIRE_READER_H_

#include <cstdint>
#include <string_view>

#include <absl/status/statusor.h>

namespace omninode::envelope {

// The wire types of the protobuf encoding that are in use. The two of groups are not: they were
// given up with proto2, and only an attacker sends them.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

std::string_view NameOf(WireType type);

// One field as it stands in the bytes.
struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t value = 0;  // of kVarint, kFixed64, kFixed32; of kLength the announced length
  std::string_view bytes;   // of kLength, after ReadBytes
};

// Walks the fields of one protobuf message in the order of its bytes, stricter than protobuf's own
// parser: every number has its shortest form, groups and field numbers out of range are refused.
// Two readers of what passes cannot differ about it. Allocates nothing. Borrows `bytes`.
//
//   while (!reader.done()) {
//     OMNI_ASSIGN_OR_RETURN(WireField field, reader.Next());
//     if (field.type == WireType::kLength) OMNI_RETURN_IF_ERROR(reader.ReadBytes(&field));
//   }
//
// Errors: MSG_MALFORMED; the reader is of no use afterwards.
class WireReader final {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  // The next field. Of a kLength one only the length has been read, so that its bound can be judged
  // before its bytes: ReadBytes must follow.
  absl::StatusOr<WireField> Next();
  absl::Status ReadBytes(WireField* field);

 private:
  absl::StatusOr<std::uint64_t> ReadVarint();
  absl::StatusOr<std::uint64_t> ReadFixed(std::size_t bytes);

  std::string_view rest_;
};

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_WIRE_READER_H_
