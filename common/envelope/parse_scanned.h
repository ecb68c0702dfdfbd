#ifndef OMNINODE_COMMON_ENVELOPE_PARSE_SCANNED_H_
#define OMNINODE_COMMON_ENVELOPE_PARSE_SCANNED_H_

#include <limits>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/wire_scan.h"

namespace omninode::envelope {

// The protobuf message of `bytes`, which pass the scan first. Only for sources that include
// generated code; errors as ScanMessage.
template <typename Message>
absl::StatusOr<Message> ParseScanned(std::string_view bytes, const MessageRule& rule,
                                     Strictness strictness) {
  OMNI_RETURN_IF_ERROR(ScanMessage(bytes, rule, strictness));
  Message message;
  // What passes the scan parses; the size alone could still not be one of protobuf's.
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Reject(Reason::kMsgMalformed, "not a {}", message.GetTypeName());
  }
  return message;
}

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_PARSE_SCANNED_H_
