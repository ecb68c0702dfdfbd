#ifndef OMNINODE_COMMON_TELEMETRY_LOG_H_
#define OMNINODE_COMMON_TELEMETRY_LOG_H_

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <absl/time/time.h>

#include "common/telemetry/log_sink.h"

namespace omninode::telemetry {

inline constexpr std::size_t kMaxLogStringBytes = 1024;
inline constexpr std::size_t kMaxLogFields = 32;

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

std::string_view NameOf(LogLevel level);  // "debug", "info", "warning", "error"
std::optional<LogLevel> ParseLogLevel(std::string_view name);

// One named value of an event. Borrows its strings: it lives for the call that logs it.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  template <typename T>
  requires std::convertible_to<const T&, std::string_view> Field(std::string_view k, const T& v)
      : key(k), value(std::string_view(v)) {}
  template <typename T>
  requires std::same_as<T, bool> Field(std::string_view k, T v) : key(k), value(v) {}
  template <std::signed_integral T>
  Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view k, T v)
      : key(k), value(static_cast<std::uint64_t>(v)) {}
  template <std::floating_point T>
  Field(std::string_view k, T v) : key(k), value(static_cast<double>(v)) {}

  std::string_view key;
  Value value;
};
using Fields = std::initializer_list<Field>;

// Events of one service as JSON lines: ts (RFC 3339, ms), level, service, event, then the fields
// in the order given.
//
//   logger.Info("lease_expired", {{"namespace", ns}, {"node_id", id}, {"position", position}});
//
// The event is a constant of the code; whatever came from outside is the value of a field, where
// it is escaped and cut at kMaxLogStringBytes. Fields beyond kMaxLogFields are left out and
// counted in "fields_dropped". Secrets, keys, tokens and payloads are never fields.
//
// Thread-safe; passed by reference, there is no global one. The sink outlives it. Never fails.
class Logger final {
 public:
  using TimeSource = std::function<absl::Time()>;

  Logger(std::string service, LogSink& sink, TimeSource now, LogLevel level = LogLevel::kInfo);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Debug(std::string_view event, Fields fields = {}) { Log(LogLevel::kDebug, event, fields); }
  void Info(std::string_view event, Fields fields = {}) { Log(LogLevel::kInfo, event, fields); }
  void Warning(std::string_view event, Fields fields = {}) {
    Log(LogLevel::kWarning, event, fields);
  }
  void Error(std::string_view event, Fields fields = {}) { Log(LogLevel::kError, event, fields); }
  void Log(LogLevel level, std::string_view event, std::span<const Field> fields);

  // A line of a library that has its own way to log (gRPC, protobuf): event "library_log".
  void Foreign(LogLevel level, std::string_view library, std::string_view origin,
               std::string_view message);

  // For building costly fields only when somebody reads them.
  bool Enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  void SetLevel(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

  const std::string& service() const { return service_; }

 private:
  const std::string service_;
  LogSink& sink_;
  const TimeSource now_;
  std::atomic<LogLevel> level_;
};

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_LOG_H_
