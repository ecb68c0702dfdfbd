#ifndef OMNINODE_TESTS_INTEGRATION_BAD_INPUT_PRIVATE_DISK_H_
#define OMNINODE_TESTS_INTEGRATION_BAD_INPUT_PRIVATE_DISK_H_

#include <cstddef>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace omninode::bad_input {

// A small file system in memory on a folder, which can be filled and emptied. Not thread-safe. It
// is there for this process and what it starts, and gone with them, also after a crash.
class PrivateDisk final {
 public:
  // Gives this process mounts of its own; PERMISSION_DENIED where the system allows that neither
  // as root nor in a user namespace. REQUIRES: no other thread runs, so call it from main.
  static absl::Status OwnMounts();

  // Makes the folder with mode 0700. REQUIRES: OwnMounts returned OK.
  static absl::StatusOr<std::unique_ptr<PrivateDisk>> Make(const std::string& dir,
                                                           std::size_t megabytes);
  ~PrivateDisk();

  // Writes a file until nothing more goes in.
  absl::Status Fill();
  // Removes that file.
  absl::Status Empty();

 private:
  explicit PrivateDisk(std::string dir) : dir_(std::move(dir)) {}
  std::string ballast() const { return dir_ + "/ballast"; }

  const std::string dir_;
};

}  // namespace omninode::bad_input

#endif  // OMNINODE_TESTS_INTEGRATION_BAD_INPUT_PRIVATE_DISK_H_
