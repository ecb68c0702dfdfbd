#ifndef OMNINODE_COMMON_SQL_LOCK_FILE_H_
#define OMNINODE_COMMON_SQL_LOCK_FILE_H_

#include <string>
#include <utility>

#include <absl/status/statusor.h>

namespace omninode::sql {

// A file that at most one holder has locked; it contains the holder's process id. The lock is the
// kernel's (flock), so it ends with the process however that dies, and the file stays: deleting it
// would let two processes lock two files of one name. Movable; not thread-safe.
class LockFile final {
 public:
  // kUnavailable naming the other process when the lock is taken; else the code of errno.
  static absl::StatusOr<LockFile> Acquire(const std::string& path);

  LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

 private:
  explicit LockFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_LOCK_FILE_H_
