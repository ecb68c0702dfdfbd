#ifndef OMNINODE_COMMON_TELEMETRY_LOG_SINK_H_
#define OMNINODE_COMMON_TELEMETRY_LOG_SINK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace omninode::telemetry {

// Where finished log lines go. Thread-safe. A sink outlives the loggers that write to it. Write
// never fails to its caller: a line that could not be written is counted in dropped().
class LogSink {
 public:
  virtual ~LogSink() = default;
  // `line` without its line end.
  virtual void Write(std::string_view line) = 0;
  // Opens the file anew after it was moved away (log rotation). Nothing to do for other sinks.
  virtual absl::Status Reopen() { return absl::OkStatus(); }
  virtual std::uint64_t dropped() const { return 0; }
};

std::unique_ptr<LogSink> MakeStderrSink();

// Appends to the file at `path`, each line flushed; makes its folder when that is missing. An error
// of the operating system's kind, with the path, when it cannot be opened.
absl::StatusOr<std::unique_ptr<LogSink>> OpenFileSink(const std::string& path);

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_LOG_SINK_H_
