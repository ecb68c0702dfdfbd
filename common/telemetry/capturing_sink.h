#ifndef OMNINODE_COMMON_TELEMETRY_CAPTURING_SINK_H_
#define OMNINODE_COMMON_TELEMETRY_CAPTURING_SINK_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/telemetry/log_sink.h"

namespace omninode::telemetry {

// Keeps the lines for a test to look at. Thread-safe.
class CapturingSink final : public LogSink {
 public:
  void Write(std::string_view line) override {
    MutexLock lock(mutex_);
    lines_.emplace_back(line);
  }

  std::vector<std::string> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }

  // Whether `text` stands in any line: what a canary test asks.
  bool Contains(std::string_view text) const {
    MutexLock lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  void Clear() {
    MutexLock lock(mutex_);
    lines_.clear();
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_CAPTURING_SINK_H_
