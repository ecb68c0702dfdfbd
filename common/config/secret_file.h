#ifndef OMNINODE_COMMON_CONFIG_SECRET_FILE_H_
#define OMNINODE_COMMON_CONFIG_SECRET_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

// Files and folders that hold keys, tokens and identities. Thread-safe functions without state; one
// writer per file.
//
// A file is acceptable when it is a plain file and not a symbolic link, owned by this process's
// user or root, without any right for group and others; and so that nobody else can put another in
// its place, its folder is owned by the same and not writable by group or others. Anything else is
// KEY_FILE_MODE, saying what is wrong and the command that puts it right; a file that is not there
// is NOT_FOUND. What was checked is what is read: the checks look at open descriptors.
namespace omninode::config {

inline constexpr std::size_t kMaxSecretFileBytes = 1024 * 1024;

// RESOURCE_EXHAUSTED above kMaxSecretFileBytes.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Replaces the file with mode 0600, so that after a crash there is the old or the new content. The
// folder is checked as above. A temporary file ".<name>.new" may be left behind by a crash; the
// next write removes it.
absl::Status WriteSecretFile(const std::string& path, std::string_view contents);

// Makes the folder with mode 0700 if it is not there (its parent must be), and checks it as one
// for others to have no right in at all.
absl::Status MakePrivateDirectory(const std::string& folder);

// The rules by themselves, on what stat says. Pure.
enum class SecretKind : std::uint8_t { kFile, kParentDirectory, kPrivateDirectory };
struct SecretFacts {
  mode_t mode;  // type and permission bits
  uid_t owner;
};
absl::Status CheckSecret(SecretKind kind, std::string_view path, const SecretFacts& facts,
                         uid_t own_user);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_SECRET_FILE_H_
