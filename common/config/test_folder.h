#ifndef OMNINODE_COMMON_CONFIG_TEST_FOLDER_H_
#define OMNINODE_COMMON_CONFIG_TEST_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include <sys/stat.h>

namespace omninode::config {

// A private folder that is gone at the end of the test.
class TestFolder final {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "omninode-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(std::string_view name = "") const {
    return name.empty() ? path_ : fmt::format("{}/{}", path_, name);
  }
  std::string Write(std::string_view name, std::string_view text, mode_t mode = 0600) const {
    const std::string file = path(name);
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }
  std::string Read(std::string_view name) const {
    std::ostringstream out;
    out << std::ifstream(path(name)).rdbuf();
    return out.str();
  }
  mode_t Mode(std::string_view name) const {
    struct stat facts {};
    return ::lstat(path(name).c_str(), &facts) == 0 ? facts.st_mode & 07777u : 0;
  }

 private:
  std::string path_;
};

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_TEST_FOLDER_H_
