#ifndef OMNINODE_TESTS_INTEGRATION_BAD_INPUT_WORLD_H_
#define OMNINODE_TESTS_INTEGRATION_BAD_INPUT_WORLD_H_

#include <map>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "tests/integration/bad_input/shell.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/port.h"
#include "tools/testbed/temporary_folder.h"

namespace omninode::bad_input {

// What the rows of bad_input.yaml find around them: a network that runs, another network that ran
// once and left its folders, spent tokens, broken databases. The head of the table lists the
// variables. Not thread-safe; ends everything it started.
class World final {
 public:
  static absl::StatusOr<std::unique_ptr<World>> Make(const std::string& bin_dir);
  ~World();

  // A shell in a fresh folder, with the variables.
  Shell MakeShell(const std::string& name) const;
  testbed::Cluster& cluster() { return *cluster_; }
  // Keeps the folder, and says where it is and what the services logged.
  std::string Keep();

 private:
  World() = default;
  absl::Status StartNetworks();
  absl::Status MakeOtherNetwork();
  absl::Status MakeTokens();
  absl::Status MakeVariables();
  std::string Path(std::string_view name) const { return folder_.path() + "/" + std::string(name); }

  testbed::TemporaryFolder folder_;
  std::string bin_dir_;
  testbed::PortPool ports_;
  std::unique_ptr<testbed::Cluster> cluster_;
  std::map<std::string, std::string> variables_;
};

}  // namespace omninode::bad_input

#endif  // OMNINODE_TESTS_INTEGRATION_BAD_INPUT_WORLD_H_
