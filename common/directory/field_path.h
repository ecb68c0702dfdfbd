#ifndef OMNINODE_COMMON_DIRECTORY_FIELD_PATH_H_
#define OMNINODE_COMMON_DIRECTORY_FIELD_PATH_H_

#include <string_view>

#include <absl/status/status.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::directory {

// The rejection of a part, told as one of the whole: the field's path (`endpoints[2].url`) before
// the message for people, and as metadata `field` for programs. OK stays OK.
inline absl::Status AtField(const absl::Status& status, std::string_view path) {
  return WithMetadata(Annotate(status, path), "field", path);
}

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_FIELD_PATH_H_
