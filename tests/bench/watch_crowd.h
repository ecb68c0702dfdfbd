#ifndef OMNINODE_TESTS_BENCH_WATCH_CROWD_H_
#define OMNINODE_TESTS_BENCH_WATCH_CROWD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/time/clock.h"
#include "tests/bench/event_loop.h"

namespace grpc {
class Channel;
}

namespace omninode::bench {

// Many watches of one namespace, each version a message of its own (min_interval 0), that only
// count: who has got which version. Checks that no stream has a gap. Driven by an EventLoop, on its
// thread. Clock and loop outlive it.
class WatchCrowd final {
 public:
  struct Options {
    std::vector<std::shared_ptr<grpc::Channel>> channels;  // taken in turn
    std::string ns;
    std::size_t watchers = 1;
    std::function<bool()> interrupted;
  };

  // Returns when every watch has its snapshot. DEADLINE_EXCEEDED after a minute, CANCELLED, or the
  // error of a stream that ended.
  static absl::StatusOr<std::unique_ptr<WatchCrowd>> Open(EventLoop& loop, const Clock& clock,
                                                          const Options& options);
  // Cancels the watches and waits for their end.
  ~WatchCrowd();
  WatchCrowd(const WatchCrowd&) = delete;
  WatchCrowd& operator=(const WatchCrowd&) = delete;

  // Called when the last watcher has got a version, with the time at which it did.
  void OnComplete(std::function<void(std::uint64_t version, MonotonicTime at)> told) {
    told_ = std::move(told);
  }

  std::size_t size() const { return watches_.size(); }
  // The first thing that went wrong: a stream ended, a gap, a message that cannot be read.
  const absl::Status& status() const { return status_; }
  // The largest message of a diff so far, in bytes.
  std::size_t largest_diff() const { return largest_diff_; }

 private:
  class Watch;

  WatchCrowd(EventLoop& loop, const Clock& clock);
  void Got(std::uint64_t version, MonotonicTime at);
  void Fail(absl::Status status);

  EventLoop& loop_;
  const Clock& clock_;
  std::string request_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::unordered_map<std::uint64_t, std::size_t> got_;  // watchers that have a version
  std::function<void(std::uint64_t, MonotonicTime)> told_;
  std::size_t with_snapshot_ = 0;
  std::size_t open_ = 0;
  bool closing_ = false;
  std::size_t largest_diff_ = 0;
  absl::Status status_;
};

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_WATCH_CROWD_H_
