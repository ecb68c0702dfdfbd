#ifndef OMNINODE_TOOLS_OMNICTL_PROGRAM_H_
#define OMNINODE_TOOLS_OMNICTL_PROGRAM_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/exit_code.h"
#include "tools/omnictl/client.h"
#include "tools/omnictl/command_line.h"
#include "tools/omnictl/renderer.h"

namespace omninode::omnictl {

// Where texts go; false when nobody takes them any more.
using TextSink = std::function<bool(std::string_view text)>;

struct ProgramDeps {
  Environment environment;
  Style style;
  TextSink out;
  TextSink err;
  // Makes what a verb sees of the world, from its connection options.
  std::function<std::unique_ptr<Client>(const Verb& verb, const Args& args)> make_client;
};

// The main of the program: parses, runs the verb, prints rows, or one line about an error. `args`
// are without the program's name.
ExitCode RunProgram(std::span<const std::string> args, const ProgramDeps& deps);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_PROGRAM_H_
