#include "services/bootstrap/desk/page.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::bootstrap {

std::size_t PageSizeOf(const PageRequest& request) {
  if (request.size == 0) return kDefaultPageSize;
  return std::min<std::size_t>(request.size, kMaxPageSize);
}

std::string MakePageToken(std::string_view list, std::string_view last_key) {
  return Base64Encode(fmt::format("{}:{}", list, last_key));
}

absl::StatusOr<std::string> ReadPageToken(std::string_view list, const PageRequest& request) {
  if (request.token.empty()) return std::string();
  std::optional<std::string> text;
  if (request.token.size() <= kMaxPageTokenBytes) text = Base64Decode(request.token);
  const std::string prefix = fmt::format("{}:", list);
  if (!text.has_value() || !text->starts_with(prefix) || text->size() == prefix.size()) {
    return Reject(Reason::kPageTokenInvalid, "the page token is not from this list");
  }
  return text->substr(prefix.size());
}

}  // namespace omninode::bootstrap
