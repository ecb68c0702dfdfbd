#ifndef OMNINODE_TOOLS_OMNICTL_COMMAND_LINE_H_
#define OMNINODE_TOOLS_OMNICTL_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "tools/omnictl/args.h"
#include "tools/omnictl/verb.h"

namespace omninode::omnictl {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

enum class Mode : std::uint8_t { kRun, kHelp, kHelpMarkdown, kVersion };

// What the command line asks for.
struct Invocation {
  Mode mode = Mode::kRun;
  std::vector<std::string> words;  // of help: those that name a noun or a verb
  const Verb* verb = nullptr;      // of kRun; lives as long as the program
  Args args = Args({});
};

// `args` without the program's name: words, then options, in any order; "--option value" or
// "--option=value". ARGUMENT_INVALID, naming the help to read, for everything that is unknown,
// missing, given twice or of the wrong kind. Pure but for `environment`.
absl::StatusOr<Invocation> ParseCommandLine(const Program& program,
                                            std::span<const std::string> args,
                                            const Environment& environment);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_COMMAND_LINE_H_
