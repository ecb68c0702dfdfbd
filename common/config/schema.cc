#include "common/config/schema.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::config {
namespace {

// Flags that every program has.
constexpr std::array<std::string_view, 5> kReserved = {"config", "check_config", "help", "version",
                                                       "reference"};

template <typename... Args>
absl::Status Wrong(std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
  return Error(absl::StatusCode::kFailedPrecondition, "option {}: {}", key,
               fmt::format(format, std::forward<Args>(args)...));
}

bool IsWord(std::string_view word) {
  return !word.empty() && word.front() >= 'a' && word.front() <= 'z' &&
         std::ranges::all_of(word, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::string EnvironmentSuffix(std::string_view key) {
  std::string name(key);
  for (char& c : name) {
    if (c == '.' || c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

// A Kubernetes Service called omninode-registry puts OMNINODE_REGISTRY_PORT, _PORT_7110_TCP and
// _SERVICE_HOST into the environment of every pod beside it.
bool KubernetesSets(std::string_view suffix) {
  return suffix == "PORT" || suffix.starts_with("PORT_") || suffix.starts_with("SERVICE_");
}

absl::Status ValidateKey(const Option& option) {
  if (!std::ranges::all_of(Split(option.key, '.'), IsWord)) {
    return Wrong(option.key, "keys are words of [a-z0-9_] with dots between them");
  }
  if (std::ranges::find(kReserved, option.key) != kReserved.end()) {
    return Wrong(option.key, "the name is taken by every program's own flag");
  }
  if (KubernetesSets(EnvironmentSuffix(option.key))) {
    return Wrong(option.key, "Kubernetes may set its environment variable by itself");
  }
  if (option.help.empty()) return Wrong(option.key, "help is missing");
  return absl::OkStatus();
}

absl::Status ValidateDefault(const Option& option) {
  if (option.secret && (option.type != OptionType::kString || !option.default_text.empty())) {
    return Wrong(option.key, "a secret is a string without a default");
  }
  if (option.required) {
    if (option.default_text.empty()) return absl::OkStatus();
    return Wrong(option.key, "a required option has no default");
  }
  const auto value = ParseValue(option, {{option.default_text}});
  if (!value.ok()) return Wrong(option.key, "the default {}", Message(value.status()));
  if (FormatValue(*value) != option.default_text) {
    return Wrong(option.key, "the default is written {}", FormatValue(*value));
  }
  return absl::OkStatus();
}

// Each key once, also as environment name, and none a section of another.
absl::Status ValidateUnique(const std::vector<Option>& options) {
  std::set<std::string, std::less<>> keys;
  std::set<std::string> names;
  for (const Option& option : options) {
    if (!keys.insert(option.key).second) return Wrong(option.key, "twice");
    if (!names.insert(EnvironmentSuffix(option.key)).second) {
      return Wrong(option.key, "another key has the same environment name");
    }
  }
  for (const std::string& key : keys) {
    const auto next = keys.lower_bound(key + ".");
    if (next != keys.end() && next->starts_with(key + ".")) {
      return Wrong(key, "is also the section of {}", *next);
    }
  }
  return absl::OkStatus();
}

// Levenshtein's distance, one row at a time.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

absl::StatusOr<Schema> Schema::Create(std::string service, std::string summary,
                                      std::vector<Option> options, std::vector<Verb> verbs) {
  for (const Option& option : options) {
    OMNI_RETURN_IF_ERROR(ValidateKey(option));
    OMNI_RETURN_IF_ERROR(ValidateDefault(option));
  }
  OMNI_RETURN_IF_ERROR(ValidateUnique(options));
  Schema schema;
  schema.service_ = std::move(service);
  schema.summary_ = std::move(summary);
  schema.options_ = std::move(options);
  schema.verbs_ = std::move(verbs);
  return schema;
}

const Option* Schema::Find(std::string_view key) const {
  const auto found = std::ranges::find(options_, key, &Option::key);
  return found == options_.end() ? nullptr : &*found;
}

std::string Schema::EnvironmentName(std::string_view key) const {
  return fmt::format("OMNINODE_{}_{}", EnvironmentSuffix(service_), EnvironmentSuffix(key));
}

std::string Schema::Hint(std::string_view unknown_key) const {
  std::vector<std::string> keys;
  for (const Option& option : options_) {
    if (option.key.starts_with(fmt::format("{}.", unknown_key))) {
      return fmt::format("; it is a section with keys like {}", option.key);
    }
    keys.push_back(option.key);
  }
  const auto nearest = Nearest(unknown_key, keys);
  return nearest ? fmt::format("; did you mean {}?", *nearest) : "";
}

std::string FlagName(std::string_view key) {
  std::string name = fmt::format("--{}", key);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::optional<std::string> Nearest(std::string_view text,
                                   const std::vector<std::string>& candidates) {
  constexpr std::size_t kMaxBytes = 128;
  std::optional<std::string> nearest;
  std::size_t best = std::max<std::size_t>(2, text.size() / 3) + 1;
  if (text.size() > kMaxBytes) return nearest;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(text, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace omninode::config
