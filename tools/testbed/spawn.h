#ifndef OMNINODE_TOOLS_TESTBED_SPAWN_H_
#define OMNINODE_TOOLS_TESTBED_SPAWN_H_

#include <map>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <sys/types.h>

namespace omninode::testbed {

// fork and exec, as Process describes it. Standard input is /dev/null. The error of exec is
// returned here, not found out later.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv,
                            const std::map<std::string, std::string>& env,
                            const std::string& stdout_path, const std::string& stderr_path);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_SPAWN_H_
