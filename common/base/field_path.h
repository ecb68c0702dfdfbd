#ifndef OMNINODE_COMMON_BASE_FIELD_PATH_H_
#define OMNINODE_COMMON_BASE_FIELD_PATH_H_

#include <string_view>

#include <absl/status/status.h>

namespace omninode {

// The error with the path of the field it is about: before the message for people, as metadata
// `field` for programs. A path that the error already has is continued: AtField(AtField(e, "url"),
// "endpoints[2]") is about endpoints[2].url. OK stays OK.
absl::Status AtField(const absl::Status& status, std::string_view path);

}  // namespace omninode

#endif  // OMNINODE_COMMON_BASE_FIELD_PATH_H_
