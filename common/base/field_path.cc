#include "common/base/field_path.h"

#include <string>

#include <absl/strings/cord.h>
#include <fmt/format.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode {

absl::Status AtField(const absl::Status& status, std::string_view path) {
  if (status.ok()) return status;
  const RejectMetadata metadata = MetadataOf(status);
  const auto inner = metadata.find("field");
  if (inner == metadata.end()) return WithMetadata(Annotate(status, path), "field", path);
  // The message already begins with the inner path, so it is continued like the path itself.
  absl::Status longer(status.code(), fmt::format("{}.{}", path, Message(status)));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    longer.SetPayload(type_url, payload);
  });
  return WithMetadata(std::move(longer), "field", fmt::format("{}.{}", path, inner->second));
}

}  // namespace omninode
