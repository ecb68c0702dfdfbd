#ifndef OMNINODE_TOOLS_OMNICTL_READINESS_H_
#define OMNINODE_TOOLS_OMNICTL_READINESS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::omnictl {

inline constexpr std::size_t kMaxConditions = 256;

struct Condition {
  std::string name;    // "store"
  std::string state;   // "ok", "warning", "failed", or what a newer service says
  std::string detail;  // what is wrong and what to do

  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Readiness {
  bool ready = false;
  std::vector<Condition> conditions;
};

// The body of /readyz. MSG_MALFORMED when it is not of that form or has more than kMaxConditions.
// Pure.
absl::StatusOr<Readiness> ParseReadiness(std::string_view json);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_READINESS_H_
