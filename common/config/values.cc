#include "common/config/values.h"

#include <array>
#include <utility>

#include "common/base/check.h"
#include "common/base/exit_code.h"
#include "common/base/status.h"

namespace omninode::config {
namespace {

constexpr std::array<std::string_view, 4> kSourceNames = {"default", "file", "environment", "flag"};

Value DefaultOf(const Option& option) {
  if (option.required) return std::monostate();
  auto value = ParseValue(option, {{option.default_text}});
  OMNI_CHECK(value.ok());  // Schema::Create parsed it
  return *std::move(value);
}

}  // namespace

std::string_view NameOf(Source source) { return kSourceNames[static_cast<std::size_t>(source)]; }

Values::Values(const Schema& schema) {
  for (const Option& option : schema.options()) {
    entries_.emplace(option.key, Entry{option, DefaultOf(option)});
  }
}

const Values::Entry& Values::At(std::string_view key) const {
  const auto found = entries_.find(key);
  OMNI_CHECK(found != entries_.end());
  return found->second;
}

template <typename T>
const T& Values::Get(std::string_view key) const {
  const T* value = std::get_if<T>(&At(key).value);
  OMNI_CHECK(value != nullptr);
  return *value;
}

std::string Values::GetString(std::string_view key) const { return Get<std::string>(key); }
bool Values::GetBool(std::string_view key) const { return Get<bool>(key); }
std::uint64_t Values::GetUint(std::string_view key) const { return Get<std::uint64_t>(key); }
absl::Duration Values::GetDuration(std::string_view key) const { return Get<absl::Duration>(key); }
HostPort Values::GetAddress(std::string_view key) const { return Get<HostPort>(key); }
std::vector<std::string> Values::GetList(std::string_view key) const {
  return Get<std::vector<std::string>>(key);
}

bool Values::Has(std::string_view key) const { return !FormatValue(At(key).value).empty(); }

absl::Status Values::Problem(std::string_view key, std::string_view problem) const {
  const Entry& entry = At(key);
  // A flag's name is the key.
  if (entry.source == Source::kFlag) {
    return WithExitCode(Reject(Reason::kArgumentInvalid, "{}: {}", entry.origin, problem),
                        ExitCode::kUsage);
  }
  const std::string where = entry.origin.empty() ? "default" : entry.origin;
  return WithExitCode(Reject(Reason::kArgumentInvalid, "{}: {}: {}", where, key, problem),
                      ExitCode::kConfiguration);
}

absl::Status Values::Set(std::string_view key, const RawValue& raw, Source source,
                         std::string origin) {
  const auto found = entries_.find(key);
  OMNI_CHECK(found != entries_.end());
  Entry& entry = found->second;
  auto value = ParseValue(entry.option, raw);
  if (!value.ok()) {
    // Messages repeat what was written; that of a secret must not.
    if (entry.option.secret) return Reject(Reason::kArgumentInvalid, "is not well-formed");
    return value.status();
  }
  entry.value = *std::move(value);
  entry.source = source;
  entry.origin = std::move(origin);
  return absl::OkStatus();
}

}  // namespace omninode::config
