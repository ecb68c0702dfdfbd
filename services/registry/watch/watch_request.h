#ifndef OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_REQUEST_H_
#define OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_REQUEST_H_

#include <cstddef>
#include <optional>
#include <string>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/position.h"
#include "services/registry/watch/shown_diff.h"

namespace omninode::registry {

// What a watcher asks for.
struct WatchRequest {
  static constexpr absl::Duration kDefaultMinInterval = absl::Milliseconds(20);
  static constexpr absl::Duration kMaxMinInterval = absl::Seconds(1);
  static constexpr absl::Duration kDefaultBookmarkInterval = absl::Seconds(10);
  static constexpr absl::Duration kMinBookmarkInterval = absl::Milliseconds(100);
  static constexpr absl::Duration kMaxBookmarkInterval = absl::Hours(1);
  static constexpr std::size_t kMaxNameBytes = 64;

  NamespaceName ns;
  WatchScope scope;
  std::optional<directory::Position> resume;  // absent: begin with a snapshot
  absl::Duration min_interval = kDefaultMinInterval;
  absl::Duration bookmark_interval = kDefaultBookmarkInterval;
  std::string watcher_name;  // printable ASCII; for logs, may be empty
};

// ARGUMENT_INVALID, with metadata `field`, when a value is outside its bounds.
absl::Status CheckWatchRequest(const WatchRequest& request);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_WATCH_WATCH_REQUEST_H_
