#ifndef OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_FILE_KEY_STORE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_FILE_KEY_STORE_H_

#include <string>
#include <string_view>

#include "services/bootstrap/authority/key_store.h"

namespace omninode::bootstrap {

// An authority in two files of one folder, both of mode 0600 (see common/config/secret_file.h for
// what else is checked): kKeyFile, PKCS#8 in PEM, and kCertificateFile, one certificate in PEM.
// The certificate is no secret, but whoever could exchange it could make the network unusable.
class FileKeyStore final : public KeyStore {
 public:
  static constexpr std::string_view kKeyFile = "ca-key.pem";
  static constexpr std::string_view kCertificateFile = "ca-cert.pem";

  // `folder` must exist by the time of the first call.
  explicit FileKeyStore(const std::string& folder);

  absl::StatusOr<AuthorityKeyPair> Load() override;
  absl::Status Save(const AuthorityKeyPair& pair) override;

 private:
  const std::string key_path_;
  const std::string certificate_path_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_AUTHORITY_FILE_KEY_STORE_H_
