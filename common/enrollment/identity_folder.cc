#include "common/enrollment/identity_folder.h"

#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/crypto/wipe.h"
#include "common/enrollment/trust_codec.h"

namespace omninode::enrollment {

absl::StatusOr<IdentityFolder> IdentityFolder::Open(std::string path) {
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(path));
  return IdentityFolder(std::move(path));
}

std::string IdentityFolder::File(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

absl::StatusOr<IdentityFolder::Contents> IdentityFolder::Load() const {
  OMNI_ASSIGN_OR_RETURN(std::string key, config::ReadSecretFile(File("key.pem")));
  OMNI_ASSIGN_OR_RETURN(const std::string chain, config::ReadSecretFile(File("chain.pem")));
  OMNI_ASSIGN_OR_RETURN(const std::string trust, config::ReadSecretFile(File("trust.pb")));
  auto svid = identity::X509Svid::FromPem(chain, key);
  crypto::Wipe(key);
  if (!svid.ok()) return Annotate(svid.status(), path_);
  auto network = ParseTrust(trust);
  if (!network.ok()) return Annotate(network.status(), File("trust.pb"));
  return Contents{*std::move(svid), *std::move(network)};
}

absl::Status IdentityFolder::SaveSvid(const identity::X509Svid& svid) const {
  std::string key = svid.key_pem(crypto::SecretAccess::IKnowThisExposesAKey());
  const absl::Status written = config::WriteSecretFile(File("key.pem"), key);
  crypto::Wipe(key);
  OMNI_RETURN_IF_ERROR(written);
  return config::WriteSecretFile(File("chain.pem"), svid.chain_pem());
}

absl::Status IdentityFolder::SaveTrust(std::string_view trust) const {
  return config::WriteSecretFile(File("trust.pb"), trust);
}

}  // namespace omninode::enrollment
