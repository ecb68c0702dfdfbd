#ifndef OMNINODE_COMMON_ENROLLMENT_IDENTITY_FOLDER_H_
#define OMNINODE_COMMON_ENROLLMENT_IDENTITY_FOLDER_H_

#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/enrollment/network_trust.h"
#include "common/identity/x509_svid.h"

namespace omninode::enrollment {

// Where a process keeps its identity between two runs: a folder of mode 0700 with `key.pem` (0600),
// `chain.pem` and `trust.pb`. A killed service returns by itself with it.
//
// One process per folder; not thread-safe. After a crash at any moment of a renewal there is a pair
// that belongs together: `next-key.pem` holds the new key until both others are in place, and Load
// finishes what was begun.
class IdentityFolder final {
 public:
  struct Contents {
    identity::X509Svid svid;
    NetworkTrust trust;
  };

  // KEY_FILE_MODE when the folder or a file in it can be read or written by others.
  static absl::StatusOr<IdentityFolder> Open(std::string path);

  // NOT_FOUND when nothing was saved yet; an error naming the file when what is there is no use.
  // Whether the SVID is still valid is the caller's question.
  absl::StatusOr<Contents> Load() const;
  absl::Status SaveSvid(const identity::X509Svid& svid) const;
  // `trust`: a serialized TrustState.
  absl::Status SaveTrust(std::string_view trust) const;

  const std::string& path() const { return path_; }

 private:
  explicit IdentityFolder(std::string path) : path_(std::move(path)) {}
  std::string File(std::string_view name) const;
  // The SVID of a chain that was saved before its key was.
  absl::StatusOr<identity::X509Svid> FinishRenewal(const std::string& chain) const;
  std::string path_;
};

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_IDENTITY_FOLDER_H_
