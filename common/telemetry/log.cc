#include "common/telemetry/log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "common/base/text.h"
#include "common/telemetry/json_text.h"

namespace omninode::telemetry {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

// Every line's own keys. A field that asks for one of them would give an object with two values
// for one key, of which readers choose differently.
constexpr std::array<std::string_view, 5> kReservedKeys = {"ts", "level", "service", "event",
                                                           "fields_dropped"};

void AppendKey(std::string* line, std::string_view key) {
  line->push_back(',');
  if (std::ranges::find(kReservedKeys, key) != kReservedKeys.end()) {
    AppendJsonString(line, fmt::format("field_{}", key));
  } else {
    AppendJsonString(line, key, kMaxLogStringBytes);
  }
  line->push_back(':');
}

struct AppendValue {
  std::string* line;

  void operator()(std::string_view value) const {
    AppendJsonString(line, value, kMaxLogStringBytes);
  }
  void operator()(std::int64_t value) const { Format(value); }
  void operator()(std::uint64_t value) const { Format(value); }
  void operator()(bool value) const { *line += value ? "true" : "false"; }
  void operator()(double value) const {
    // JSON has no word for these.
    if (!std::isfinite(value)) return AppendJsonString(line, fmt::format("{}", value));
    Format(value);
  }

 private:
  template <typename T>
  void Format(T value) const {
    fmt::format_to(std::back_inserter(*line), "{}", value);
  }
};

}  // namespace

std::string_view NameOf(LogLevel level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::optional<LogLevel> ParseLogLevel(std::string_view name) {
  const auto found = std::ranges::find(kLevelNames, name);
  if (found == kLevelNames.end()) return std::nullopt;
  return static_cast<LogLevel>(found - kLevelNames.begin());
}

Logger::Logger(std::string service, LogSink& sink, TimeSource now, LogLevel level)
    : service_(std::move(service)), sink_(sink), now_(std::move(now)), level_(level) {}

void Logger::Log(LogLevel level, std::string_view event, std::span<const Field> fields) {
  if (!Enabled(level)) return;
  std::string line = fmt::format(R"({{"ts":"{}","level":"{}","service":)",
                                 omninode::FormatTime(now_()), NameOf(level));
  AppendJsonString(&line, service_, kMaxLogStringBytes);
  line += R"(,"event":)";
  AppendJsonString(&line, event, kMaxLogStringBytes);
  for (const Field& field : fields.first(std::min(fields.size(), kMaxLogFields))) {
    AppendKey(&line, field.key);
    std::visit(AppendValue{&line}, field.value);
  }
  if (fields.size() > kMaxLogFields) {
    line += fmt::format(R"(,"fields_dropped":{})", fields.size() - kMaxLogFields);
  }
  line.push_back('}');
  sink_.Write(line);
}

void Logger::Foreign(LogLevel level, std::string_view library, std::string_view origin,
                     std::string_view message) {
  const std::array<Field, 3> fields = {Field{"library", library}, Field{"origin", origin},
                                       Field{"message", message}};
  Log(level, "library_log", fields);
}

}  // namespace omninode::telemetry
