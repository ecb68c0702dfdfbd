#ifndef OMNINODE_COMMON_CONFIG_FLAGS_H_
#define OMNINODE_COMMON_CONFIG_FLAGS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include <absl/status/statusor.h>

#include "common/config/option.h"
#include "common/config/schema.h"

namespace omninode::config {

// What the command line asks for.
enum class Mode : std::uint8_t { kRun, kCheckConfig, kHelp, kVersion, kReference };

struct Flags {
  Mode mode = Mode::kRun;
  std::string verb;         // one of the schema's, its first when none was given; else empty
  std::string config_path;  // empty: not given
  std::map<std::string, RawValue> values;  // by key
};

// `args` without the program's name. "--key value", "--key=value", "--bool-key"; a list may be
// given again and again. ARGUMENT_INVALID with a hint for unknown flags and words, and for secrets,
// which everybody on the machine could read in the list of processes. Pure.
absl::StatusOr<Flags> ParseFlags(const Schema& schema, std::span<const char* const> args);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_FLAGS_H_
