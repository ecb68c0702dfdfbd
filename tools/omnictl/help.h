#ifndef OMNINODE_TOOLS_OMNICTL_HELP_H_
#define OMNINODE_TOOLS_OMNICTL_HELP_H_

#include <string>
#include <vector>

#include "tools/omnictl/verb.h"

// What the program says of itself. Pure.
namespace omninode::omnictl {

// Of the program (no words), of a noun, or of a verb. Words that name nothing: of the program.
std::string HelpText(const Program& program, const std::vector<std::string>& words);

// docs/reference/omnictl.md.
std::string HelpMarkdown(const Program& program);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_HELP_H_
