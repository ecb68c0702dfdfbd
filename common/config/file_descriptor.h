#ifndef OMNINODE_COMMON_CONFIG_FILE_DESCRIPTOR_H_
#define OMNINODE_COMMON_CONFIG_FILE_DESCRIPTOR_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <unistd.h>

namespace omninode::config {

// Owns a file descriptor. Movable; not thread-safe.
class FileDescriptor final {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

// "what: strerror" with the code that fits: NOT_FOUND, PERMISSION_DENIED becomes
// FAILED_PRECONDITION (it is this machine's, not a service's, refusal), RESOURCE_EXHAUSTED, ...
absl::Status ErrnoStatus(int error, std::string_view what);

// What is left of the file, at most `max` bytes. `name` is for the error message.
absl::StatusOr<std::string> ReadUpTo(const FileDescriptor& file, std::size_t max,
                                     std::string_view name);
// All of `bytes`.
absl::Status WriteAll(const FileDescriptor& file, std::string_view bytes, std::string_view name);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_FILE_DESCRIPTOR_H_
