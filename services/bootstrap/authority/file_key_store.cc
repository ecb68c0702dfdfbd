#include "services/bootstrap/authority/file_key_store.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/crypto/pem.h"
#include "common/crypto/wipe.h"

namespace omninode::bootstrap {
namespace {

absl::Status Damaged(const std::string& path, std::string_view why) {
  return Error(absl::StatusCode::kDataLoss, "{}: {}; restore it from a backup", path, why);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  auto text = config::ReadSecretFile(path);
  if (!absl::IsNotFound(text.status())) return text;
  return Error(absl::StatusCode::kNotFound, "{}; restore it from a backup", Message(text.status()));
}

absl::StatusOr<crypto::PrivateKey> ReadKey(const std::string& path) {
  OMNI_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  const crypto::SecretString pem(std::move(text));
  absl::StatusOr<crypto::PrivateKey> key = crypto::PrivateKey::FromPkcs8Pem(pem.value());
  if (!key.ok()) return Damaged(path, Message(key.status()));
  return key;
}

absl::StatusOr<crypto::Certificate> ReadCertificate(const std::string& path) {
  OMNI_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  const absl::StatusOr<std::vector<std::string>> ders = crypto::CertificatesFromPem(pem);
  if (!ders.ok()) return Damaged(path, Message(ders.status()));
  if (ders->size() != 1) return Damaged(path, "there must be exactly one certificate");
  absl::StatusOr<crypto::Certificate> certificate = crypto::Certificate::FromDer(ders->front());
  if (!certificate.ok()) return Damaged(path, Message(certificate.status()));
  return certificate;
}

absl::Status CheckAbsent(const std::string& path) {
  std::error_code error;
  // Not the target of a link but the name itself: a dangling link is something too.
  const auto type = std::filesystem::symlink_status(path, error).type();
  if (type == std::filesystem::file_type::not_found) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "{} exists; an authority is never overwritten",
               path);
}

}  // namespace

FileKeyStore::FileKeyStore(const std::string& folder)
    : key_path_(fmt::format("{}/{}", folder, kKeyFile)),
      certificate_path_(fmt::format("{}/{}", folder, kCertificateFile)) {}

absl::StatusOr<AuthorityKeyPair> FileKeyStore::Load() {
  OMNI_ASSIGN_OR_RETURN(crypto::PrivateKey key, ReadKey(key_path_));
  OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate, ReadCertificate(certificate_path_));
  return AuthorityKeyPair{std::move(certificate), std::move(key)};
}

absl::Status FileKeyStore::Save(const AuthorityKeyPair& pair) {
  OMNI_RETURN_IF_ERROR(CheckAbsent(key_path_));
  OMNI_RETURN_IF_ERROR(CheckAbsent(certificate_path_));
  const crypto::SecretString pem(pair.key.ToPkcs8Pem(crypto::SecretAccess::IKnowThisExposesAKey()));
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(key_path_, pem.value()));
  const std::vector<std::string> ders = {pair.certificate.der()};
  return config::WriteSecretFile(certificate_path_, crypto::CertificatesToPem(ders));
}

}  // namespace omninode::bootstrap
