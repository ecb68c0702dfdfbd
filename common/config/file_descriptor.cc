#include "common/config/file_descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/status.h"

namespace omninode::config {

absl::Status ErrnoStatus(int error, std::string_view what) {
  absl::StatusCode code = absl::ErrnoToStatusCode(error);
  if (code == absl::StatusCode::kPermissionDenied) code = absl::StatusCode::kFailedPrecondition;
  char buffer[128];
  return Error(code, "{}: {}", what, ::strerror_r(error, buffer, sizeof buffer));
}

absl::StatusOr<std::string> ReadUpTo(const FileDescriptor& file, std::size_t max,
                                     std::string_view name) {
  std::string text;
  char buffer[16 * 1024];
  while (text.size() < max) {
    const ssize_t got = ::read(file.get(), buffer, std::min(sizeof buffer, max - text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, fmt::format("cannot read {}", name));
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

absl::Status WriteAll(const FileDescriptor& file, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoStatus(errno, fmt::format("cannot write {}", name));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return absl::OkStatus();
}

}  // namespace omninode::config
