#ifndef OMNINODE_TOOLS_TESTBED_TEMPORARY_FOLDER_H_
#define OMNINODE_TOOLS_TESTBED_TEMPORARY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "common/base/check.h"

namespace omninode::testbed {

// A folder of its own, of mode 0700, gone with the object unless Keep was called. Short, because
// the names of Unix sockets are.
class TemporaryFolder final {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "omninode-XXXXXX") {
    OMNI_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  void Keep() { keep_ = true; }

 private:
  std::string path_;
  bool keep_ = false;
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_TEMPORARY_FOLDER_H_
