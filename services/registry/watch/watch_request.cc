#include "services/registry/watch/watch_request.h"

#include <string_view>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/directory/plain_text.h"

namespace omninode::registry {
namespace {

absl::Status CheckBetween(std::string_view field, absl::Duration value, absl::Duration min,
                          absl::Duration max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return WithMetadata(Reject(Reason::kArgumentInvalid, "{}: not between {} and {}", field,
                             FormatDuration(min), FormatDuration(max)),
                      "field", field);
}

}  // namespace

absl::Status CheckWatchRequest(const WatchRequest& request) {
  OMNI_RETURN_IF_ERROR(CheckBetween("min_interval", request.min_interval, absl::ZeroDuration(),
                                    WatchRequest::kMaxMinInterval));
  OMNI_RETURN_IF_ERROR(CheckBetween("bookmark_interval", request.bookmark_interval,
                                    WatchRequest::kMinBookmarkInterval,
                                    WatchRequest::kMaxBookmarkInterval));
  const absl::Status name =
      directory::CheckPrintableAscii(request.watcher_name, WatchRequest::kMaxNameBytes);
  return WithMetadata(Annotate(name, "watcher_name"), "field", "watcher_name");
}

}  // namespace omninode::registry
