#ifndef OMNINODE_TOOLS_OMNICTL_ERROR_LINE_H_
#define OMNINODE_TOOLS_OMNICTL_ERROR_LINE_H_

#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "common/base/reason.h"

namespace omninode::omnictl {

// "omnictl: <message> (REASON); <what to do>" and a line end: exactly one line of printable
// characters, whatever the message holds. REQUIRES: status is not OK. Pure.
std::string ErrorLine(const absl::Status& status);

// The error with its own "what to do" instead of the general one. OK stays OK.
absl::Status WithAdvice(absl::Status status, std::string_view advice);

// What whoever typed the command should do about it; never empty.
std::string_view AdviceFor(Reason reason);
std::string_view AdviceFor(absl::StatusCode code);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_ERROR_LINE_H_
