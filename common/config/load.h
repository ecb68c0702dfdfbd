#ifndef OMNINODE_COMMON_CONFIG_LOAD_H_
#define OMNINODE_COMMON_CONFIG_LOAD_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/config/flags.h"
#include "common/config/schema.h"
#include "common/config/values.h"

namespace omninode::config {

// Looks up one environment variable; std::getenv in programs, a map in tests.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct Loaded {
  Mode mode;
  std::string verb;
  Values values;  // only the defaults unless mode is kRun or kCheckConfig
};

// Reads the command line (without the program's name), the file it names (or the variable
// OMNINODE_<SERVICE>_CONFIG), the environment, and lays them over the defaults in the order
// default < file < environment < flag. Does nothing else.
//
// Errors say where (file:line, variable, flag), what and a hint, and carry their exit code: usage
// for the command line, missing input for a file that is not there, else configuration.
absl::StatusOr<Loaded> Load(const Schema& schema, std::span<const char* const> args,
                            const Environment& environment);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_LOAD_H_
