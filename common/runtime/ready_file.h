#ifndef OMNINODE_COMMON_RUNTIME_READY_FILE_H_
#define OMNINODE_COMMON_RUNTIME_READY_FILE_H_

#include <string>
#include <utility>

#include <absl/status/statusor.h>
#include <sys/types.h>

namespace omninode::runtime {

struct ReadyInfo {
  pid_t pid;
  std::string grpc;   // address, empty when there is none
  std::string admin;  // address
};

// Tells a supervisor or a test, by {"pid":1,"grpc":"127.0.0.1:7110","admin":"127.0.0.1:8110"} in a
// file, that a service serves, and where. The file appears complete and goes with the object,
// unless another process has replaced it meanwhile. Movable; not thread-safe.
class ReadyFile final {
 public:
  // With an empty path nothing is written.
  static absl::StatusOr<ReadyFile> Write(std::string path, const ReadyInfo& info);
  // Removes one that a killed process left behind.
  static void Clear(const std::string& path);

  ReadyFile(ReadyFile&& other) noexcept
      : path_(std::exchange(other.path_, "")), text_(std::move(other.text_)) {}
  ReadyFile& operator=(ReadyFile&&) = delete;
  ~ReadyFile();

 private:
  ReadyFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
  std::string path_;
  std::string text_;
};

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_READY_FILE_H_
