#include "services/registry/watch/watch_request.h"

#include <string>

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

WatchRequest Valid() { return {.ns = *NamespaceName::Parse("tenant-a")}; }

// The name of the field that is complained about; empty when valid.
std::string Complaint(const WatchRequest& request) {
  const absl::Status status = CheckWatchRequest(request);
  if (status.ok()) return {};
  EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
  return MetadataOf(status)["field"];
}

TEST(WatchRequestTest, DefaultsAreValid) { EXPECT_EQ(Complaint(Valid()), ""); }

TEST(WatchRequestTest, MinIntervalHasBounds) {
  WatchRequest request = Valid();
  for (const absl::Duration valid : {absl::ZeroDuration(), WatchRequest::kMaxMinInterval}) {
    request.min_interval = valid;
    EXPECT_EQ(Complaint(request), "");
  }
  for (const absl::Duration invalid : {absl::Nanoseconds(-1), absl::InfiniteDuration(),
                                       WatchRequest::kMaxMinInterval + absl::Nanoseconds(1)}) {
    request.min_interval = invalid;
    EXPECT_EQ(Complaint(request), "min_interval");
  }
}

TEST(WatchRequestTest, BookmarkIntervalHasBounds) {
  WatchRequest request = Valid();
  for (const absl::Duration valid :
       {WatchRequest::kMinBookmarkInterval, WatchRequest::kMaxBookmarkInterval}) {
    request.bookmark_interval = valid;
    EXPECT_EQ(Complaint(request), "");
  }
  for (const absl::Duration invalid : {WatchRequest::kMinBookmarkInterval - absl::Nanoseconds(1),
                                       WatchRequest::kMaxBookmarkInterval + absl::Nanoseconds(1)}) {
    request.bookmark_interval = invalid;
    EXPECT_EQ(Complaint(request), "bookmark_interval");
  }
}

TEST(WatchRequestTest, TheNameIsShortPrintableAscii) {
  WatchRequest request = Valid();
  request.watcher_name = std::string(WatchRequest::kMaxNameBytes, 'x');
  EXPECT_EQ(Complaint(request), "");
  request.watcher_name += 'x';
  EXPECT_EQ(Complaint(request), "watcher_name");
  request.watcher_name = "a\nb";
  EXPECT_EQ(Complaint(request), "watcher_name");
}

}  // namespace
}  // namespace omninode::registry
