#ifndef OMNINODE_COMMON_DIRECTORY_CAPABILITY_H_
#define OMNINODE_COMMON_DIRECTORY_CAPABILITY_H_

#include <compare>
#include <cstddef>
#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/directory/plain_text.h"

namespace omninode::directory {

// A name and a text, immutable. `Tag` keeps the kinds apart: a label is never taken for a
// capability. The value may be empty and has at most kMaxValueBytes of plain text.
template <typename Tag>
class NamedText final {
 public:
  static constexpr std::size_t kMaxValueBytes = 256;

  // MSG_MALFORMED or ARGUMENT_INVALID, see CheckPlainText.
  static absl::StatusOr<NamedText> Create(AttributeName name, std::string value) {
    if (absl::Status valid = CheckPlainText(value, kMaxValueBytes); !valid.ok()) return valid;
    return NamedText(std::move(name), std::move(value));
  }

  const AttributeName& name() const { return name_; }
  const std::string& value() const { return value_; }

  friend bool operator==(const NamedText&, const NamedText&) = default;
  friend auto operator<=>(const NamedText&, const NamedText&) = default;

 private:
  NamedText(AttributeName name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}

  AttributeName name_;
  std::string value_;
};

// What a node can do, like `max_concurrent_workflows` = `40`.
using Capability = NamedText<struct CapabilityTag>;
// What others select nodes by, like `zone` = `eu-1`.
using Label = NamedText<struct LabelTag>;

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_CAPABILITY_H_
