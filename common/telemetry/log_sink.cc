#include "common/telemetry/log_sink.h"

#include <atomic>
#include <cerrno>
#include <utility>

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "common/base/mutex.h"
#include "common/base/status.h"

// spdlog reports by exceptions; none leaves this file.
namespace omninode::telemetry {
namespace {

using SpdlogSink = std::shared_ptr<spdlog::sinks::sink>;

// The line is finished when it gets here: spdlog only adds the line end.
constexpr char kPattern[] = "%v";

void WriteLine(spdlog::sinks::sink& sink, std::string_view line) {
  const spdlog::details::log_msg message({}, spdlog::level::info,
                                         spdlog::string_view_t(line.data(), line.size()));
  sink.log(message);
  sink.flush();
}

absl::StatusOr<SpdlogSink> OpenSpdlogFile(const std::string& path) {
  errno = 0;
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path);
    sink->set_pattern(kPattern);
    return SpdlogSink(std::move(sink));
  } catch (const spdlog::spdlog_ex& e) {
    const int error = errno;
    const auto code = error == 0 ? absl::StatusCode::kInternal : absl::ErrnoToStatusCode(error);
    return Error(code, "cannot open the log file: {}", e.what());
  }
}

class StderrSink final : public LogSink {
 public:
  StderrSink() { sink_.set_pattern(kPattern); }
  void Write(std::string_view line) override {
    try {
      WriteLine(sink_, line);
    } catch (const spdlog::spdlog_ex&) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  std::uint64_t dropped() const override { return dropped_.load(std::memory_order_relaxed); }

 private:
  spdlog::sinks::stderr_sink_mt sink_;
  std::atomic<std::uint64_t> dropped_{0};
};

class FileSink final : public LogSink {
 public:
  FileSink(std::string path, SpdlogSink sink) : path_(std::move(path)), sink_(std::move(sink)) {}

  void Write(std::string_view line) override {
    const SpdlogSink sink = Current();
    try {
      WriteLine(*sink, line);
    } catch (const spdlog::spdlog_ex&) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  absl::Status Reopen() override {
    OMNI_ASSIGN_OR_RETURN(SpdlogSink fresh, OpenSpdlogFile(path_));
    MutexLock lock(mutex_);
    sink_.swap(fresh);
    return absl::OkStatus();
  }

  std::uint64_t dropped() const override { return dropped_.load(std::memory_order_relaxed); }

 private:
  SpdlogSink Current() const {
    MutexLock lock(mutex_);
    return sink_;
  }

  const std::string path_;
  std::atomic<std::uint64_t> dropped_{0};
  mutable Mutex mutex_;
  SpdlogSink sink_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<LogSink> MakeStderrSink() { return std::make_unique<StderrSink>(); }

absl::StatusOr<std::unique_ptr<LogSink>> OpenFileSink(const std::string& path) {
  OMNI_ASSIGN_OR_RETURN(SpdlogSink sink, OpenSpdlogFile(path));
  return std::make_unique<FileSink>(path, std::move(sink));
}

}  // namespace omninode::telemetry
