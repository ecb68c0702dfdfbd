#include "tests/integration/bad_input/private_disk.h"

#include <cerrno>
#include <fstream>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/config/file_descriptor.h"
#include "common/config/secret_file.h"

namespace omninode::bad_input {
namespace {

// In its own user namespace everybody may mount; the user keeps its number.
absl::Status OwnUsers() {
  const auto uid = ::geteuid();
  const auto gid = ::getegid();
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    return config::ErrnoStatus(errno, "a user namespace");
  }
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << fmt::format("{0} {0} 1", uid);
  std::ofstream("/proc/self/gid_map") << fmt::format("{0} {0} 1", gid);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrivateDisk::OwnMounts() {
  if (::unshare(CLONE_NEWNS) != 0) OMNI_RETURN_IF_ERROR(OwnUsers());
  // Else what is mounted here would show outside.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return config::ErrnoStatus(errno, "mounts of our own");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<PrivateDisk>> PrivateDisk::Make(const std::string& dir,
                                                               std::size_t megabytes) {
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(dir));
  const std::string options = fmt::format("size={}m,mode=0700", megabytes);
  if (::mount("tmpfs", dir.c_str(), "tmpfs", 0, options.c_str()) != 0) {
    return config::ErrnoStatus(errno, "a file system on " + dir);
  }
  return std::unique_ptr<PrivateDisk>(new PrivateDisk(dir));
}

PrivateDisk::~PrivateDisk() { ::umount2(dir_.c_str(), MNT_DETACH); }

absl::Status PrivateDisk::Fill() {
  const config::FileDescriptor file(
      ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.valid()) return config::ErrnoStatus(errno, ballast());
  const std::vector<char> block(64 * 1024, 'x');
  while (::write(file.get(), block.data(), block.size()) > 0) {
  }
  return errno == ENOSPC ? absl::OkStatus() : config::ErrnoStatus(errno, ballast());
}

absl::Status PrivateDisk::Empty() {
  return ::unlink(ballast().c_str()) == 0 ? absl::OkStatus()
                                          : config::ErrnoStatus(errno, ballast());
}

}  // namespace omninode::bad_input
