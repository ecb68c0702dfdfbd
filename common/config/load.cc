#include "common/config/load.h"

#include <utility>

#include "common/base/encoding.h"
#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/yaml_file.h"

namespace omninode::config {
namespace {

constexpr unsigned kOthersMayRead = 077;

absl::Status Configuration(const absl::Status& status) {
  if (status.ok() || status.code() == absl::StatusCode::kNotFound) return status;
  return WithExitCode(status, ExitCode::kConfiguration);
}

absl::Status At(std::string_view origin, std::string_view key, const absl::Status& status) {
  return Annotate(status, fmt::format("{}: {}", origin, key));
}

absl::Status ApplyFile(const Schema& schema, const std::string& path, Values* values) {
  OMNI_ASSIGN_OR_RETURN(const ConfigFile file, ReadConfigFile(path));
  for (const FileEntry& entry : file.entries) {
    const Option* option = schema.Find(entry.key);
    if (option == nullptr) {
      return Reject(Reason::kArgumentInvalid, "{}: unknown key {}{}", entry.origin,
                    EscapeForDisplay(entry.key, 128), schema.Hint(entry.key));
    }
    if (option->secret && (file.mode & kOthersMayRead) != 0) {
      return Reject(Reason::kKeyFileMode,
                    "{}: {} is a secret, and others may read this file (mode {:04o}); chmod 600 {}",
                    entry.origin, entry.key, file.mode, EscapeForDisplay(path, 256));
    }
    OMNI_RETURN_IF_ERROR(At(entry.origin, entry.key,
                            values->Set(entry.key, entry.raw, Source::kFile, entry.origin)));
  }
  return absl::OkStatus();
}

absl::Status ApplyEnvironment(const Schema& schema, const Environment& environment,
                              Values* values) {
  for (const Option& option : schema.options()) {
    const std::string name = schema.EnvironmentName(option.key);
    const auto text = environment(name);
    if (!text.has_value()) continue;
    if (option.secret) {
      return Reject(Reason::kArgumentInvalid,
                    "{}: secrets do not belong in the environment; set {} in the configuration "
                    "file",
                    name, option.key);
    }
    OMNI_RETURN_IF_ERROR(
        At(name, option.key, values->Set(option.key, {{*text}}, Source::kEnvironment, name)));
  }
  return absl::OkStatus();
}

absl::Status ApplyFlags(const Flags& flags, Values* values) {
  for (const auto& [key, raw] : flags.values) {
    const std::string name = FlagName(key);
    OMNI_RETURN_IF_ERROR(Annotate(values->Set(key, raw, Source::kFlag, name), name));
  }
  return absl::OkStatus();
}

absl::Status CheckRequired(const Schema& schema, const Values& values) {
  for (const Option& option : schema.options()) {
    if (!option.required || values.Has(option.key)) continue;
    if (option.secret) {
      return Reject(Reason::kArgumentInvalid, "{} is missing; set it in the configuration file",
                    option.key);
    }
    return Reject(Reason::kArgumentInvalid,
                  "{} is missing; set it in the configuration file, by {} or by {}", option.key,
                  schema.EnvironmentName(option.key), FlagName(option.key));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Loaded> Load(const Schema& schema, std::span<const char* const> args,
                            const Environment& environment) {
  auto flags = ParseFlags(schema, args);
  if (!flags.ok()) return WithExitCode(flags.status(), ExitCode::kUsage);
  Loaded loaded{flags->mode, flags->verb, Values(schema)};
  if (loaded.mode != Mode::kRun && loaded.mode != Mode::kCheckConfig) return loaded;

  std::string path = flags->config_path;
  if (path.empty()) path = environment(schema.EnvironmentName("config")).value_or("");
  if (!path.empty()) {
    OMNI_RETURN_IF_ERROR(Configuration(ApplyFile(schema, path, &loaded.values)));
  }
  OMNI_RETURN_IF_ERROR(Configuration(ApplyEnvironment(schema, environment, &loaded.values)));
  if (absl::Status status = ApplyFlags(*flags, &loaded.values); !status.ok()) {
    return WithExitCode(std::move(status), ExitCode::kUsage);
  }
  OMNI_RETURN_IF_ERROR(Configuration(CheckRequired(schema, loaded.values)));
  return loaded;
}

}  // namespace omninode::config
