#include "common/config/secret_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/file_descriptor.h"

namespace omninode::config {
namespace {

constexpr mode_t kPermissionBits = 07777;
constexpr mode_t kGroupAndOthers = 077;
constexpr mode_t kGroupAndOthersWrite = 022;

std::string Shown(std::string_view path) { return EscapeForDisplay(path, 256); }

// A path as folder and name. The folder is opened once and everything goes through it, so that it
// cannot be exchanged in between.
struct Location {
  std::string path;
  std::string folder;
  std::string name;
};

absl::StatusOr<Location> Locate(const std::string& path) {
  const std::filesystem::path parts(path);
  Location location{path, parts.parent_path().string(), parts.filename().string()};
  if (location.folder.empty()) location.folder = ".";
  if (location.name.empty() || location.name == "." || location.name == "..") {
    return Error(absl::StatusCode::kInvalidArgument, "'{}' does not name a file", Shown(path));
  }
  return location;
}

absl::Status Check(SecretKind kind, std::string_view path, const FileDescriptor& file) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return ErrnoStatus(errno, "cannot look at " + Shown(path));
  return CheckSecret(kind, path, {facts.st_mode, facts.st_uid}, ::geteuid());
}

absl::StatusOr<FileDescriptor> OpenFolder(const std::string& path, SecretKind kind) {
  // A link to the parent is fine: the folder it leads to is the one that is checked and used.
  const int no_follow = kind == SecretKind::kPrivateDirectory ? O_NOFOLLOW : 0;
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_follow));
  if (!folder.valid()) {
    const int error = errno;
    if (no_follow != 0 && (error == ELOOP || error == ENOTDIR)) {
      return Reject(Reason::kKeyFileMode, "{0} is a symbolic link or no folder; move it away",
                    Shown(path));
    }
    return ErrnoStatus(error, "cannot open the folder " + Shown(path));
  }
  OMNI_RETURN_IF_ERROR(Check(kind, path, folder));
  return folder;
}

// Writes the temporary file completely and to the disk.
absl::Status WriteTemporary(const FileDescriptor& folder, const Location& location,
                            const std::string& temporary, std::string_view contents) {
  const std::string shown = Shown(location.path);
  ::unlinkat(folder.get(), temporary.c_str(), 0);  // left by a crash
  const FileDescriptor file(::openat(folder.get(), temporary.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return ErrnoStatus(errno, "cannot create a file beside " + shown);
  if (::fchmod(file.get(), 0600) != 0) return ErrnoStatus(errno, "cannot protect " + shown);
  OMNI_RETURN_IF_ERROR(WriteAll(file, contents, shown));
  if (::fsync(file.get()) != 0) return ErrnoStatus(errno, "cannot write " + shown);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSecret(SecretKind kind, std::string_view path, const SecretFacts& facts,
                         uid_t own_user) {
  const std::string shown = Shown(path);
  const bool is_file = kind == SecretKind::kFile;
  if (is_file ? !S_ISREG(facts.mode) : !S_ISDIR(facts.mode)) {
    return Reject(Reason::kKeyFileMode, "{} is not a {}; move it away", shown,
                  is_file ? "plain file" : "folder");
  }
  if (facts.owner != own_user && facts.owner != 0) {
    return Reject(Reason::kKeyFileMode, "{0} belongs to user {1}; chown {2} {0}", shown,
                  facts.owner, own_user);
  }
  const mode_t forbidden =
      kind == SecretKind::kParentDirectory ? kGroupAndOthersWrite : kGroupAndOthers;
  if ((facts.mode & forbidden) == 0) return absl::OkStatus();
  const mode_t mode = facts.mode & kPermissionBits;
  switch (kind) {
    case SecretKind::kFile:
      return Reject(Reason::kKeyFileMode, "others have rights on {0} (mode {1:04o}); chmod 600 {0}",
                    shown, mode);
    case SecretKind::kParentDirectory:
      return Reject(Reason::kKeyFileMode,
                    "others may exchange files in {0} (mode {1:04o}); chmod go-w {0}", shown, mode);
    case SecretKind::kPrivateDirectory:
      break;
  }
  return Reject(Reason::kKeyFileMode, "others have rights on {0} (mode {1:04o}); chmod 700 {0}",
                shown, mode);
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  OMNI_ASSIGN_OR_RETURN(const Location location, Locate(path));
  OMNI_ASSIGN_OR_RETURN(const FileDescriptor folder,
                        OpenFolder(location.folder, SecretKind::kParentDirectory));
  // O_NONBLOCK: opening a pipe somebody put there must not wait for its other end.
  const FileDescriptor file(::openat(folder.get(), location.name.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid() && errno == ELOOP) {
    return Reject(Reason::kKeyFileMode, "{} is a symbolic link; put the file itself there",
                  Shown(path));
  }
  if (!file.valid()) return ErrnoStatus(errno, "cannot open " + Shown(path));
  OMNI_RETURN_IF_ERROR(Check(SecretKind::kFile, path, file));
  OMNI_ASSIGN_OR_RETURN(std::string contents, ReadUpTo(file, kMaxSecretFileBytes + 1, Shown(path)));
  if (contents.size() > kMaxSecretFileBytes) {
    return Error(absl::StatusCode::kResourceExhausted, "{} is larger than {} bytes", Shown(path),
                 kMaxSecretFileBytes);
  }
  return contents;
}

absl::Status WriteSecretFile(const std::string& path, std::string_view contents) {
  OMNI_ASSIGN_OR_RETURN(const Location location, Locate(path));
  OMNI_ASSIGN_OR_RETURN(const FileDescriptor folder,
                        OpenFolder(location.folder, SecretKind::kParentDirectory));
  const std::string temporary = fmt::format(".{}.new", location.name);
  absl::Status status = WriteTemporary(folder, location, temporary, contents);
  if (status.ok() &&
      ::renameat(folder.get(), temporary.c_str(), folder.get(), location.name.c_str()) != 0) {
    status = ErrnoStatus(errno, "cannot replace " + Shown(path));
  }
  if (!status.ok()) {
    ::unlinkat(folder.get(), temporary.c_str(), 0);
    return status;
  }
  if (::fsync(folder.get()) != 0) return ErrnoStatus(errno, "cannot write " + Shown(path));
  return absl::OkStatus();
}

absl::Status MakePrivateDirectory(const std::string& folder) {
  // Of "link/" the kernel opens what the link leads to.
  const std::string path = folder.substr(0, folder.find_last_not_of('/') + 1);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, "cannot make the folder " + Shown(path));
  }
  return OpenFolder(path, SecretKind::kPrivateDirectory).status();
}

}  // namespace omninode::config
