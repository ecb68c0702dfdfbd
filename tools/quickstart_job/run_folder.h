#ifndef OMNINODE_TOOLS_QUICKSTART_JOB_RUN_FOLDER_H_
#define OMNINODE_TOOLS_QUICKSTART_JOB_RUN_FOLDER_H_

#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace omninode::quickstart {

// The state of one run: <base>/run-<N>, N one above all that are there. Runs that went well are
// marked, and of those only the last is kept; the others stay until somebody has looked at them.
// Two runs may begin together. Not thread-safe.
class RunFolder final {
 public:
  // Makes `base`, with its parents, and the folder.
  static absl::StatusOr<RunFolder> Make(const std::string& base);

  const std::string& path() const { return path_; }

  // This run went well: removes the earlier ones that did.
  absl::Status MarkPassed();

 private:
  RunFolder(std::string base, int number);
  std::string base_;
  std::string path_;
};

}  // namespace omninode::quickstart

#endif  // OMNINODE_TOOLS_QUICKSTART_JOB_RUN_FOLDER_H_
