#include "common/sql/lock_file.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::sql {
namespace {

absl::Status SystemError(const std::string& path, int error) {
  return Error(absl::ErrnoToStatusCode(error), "{}: {}", path,
               std::generic_category().message(error));
}

// What the holder wrote; "unknown" in the instant between its lock and its write.
std::string HolderOf(int descriptor) {
  std::array<char, 24> buffer{};
  const ssize_t size = pread(descriptor, buffer.data(), buffer.size(), 0);
  if (size <= 0) return "unknown";
  const std::string_view text = Trim({buffer.data(), static_cast<std::size_t>(size)});
  return ParseUint64(text).has_value() ? std::string(text) : "unknown";
}

bool WriteHolder(int descriptor) {
  const std::string text = std::to_string(getpid()) + "\n";
  return ftruncate(descriptor, 0) == 0 &&
         pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Acquire(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return SystemError(path, errno);
  LockFile lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK) return SystemError(path, error);
    return Error(absl::StatusCode::kUnavailable,
                 "{} is held by process {}; stop that process or use another folder", path,
                 HolderOf(descriptor));
  }
  if (!WriteHolder(descriptor)) return SystemError(path, errno);
  return lock;
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

LockFile::~LockFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace omninode::sql
