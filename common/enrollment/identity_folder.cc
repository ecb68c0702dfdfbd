#include "common/enrollment/identity_folder.h"

#include <utility>

#include <unistd.h>

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
  OMNI_ASSIGN_OR_RETURN(std::string key_text, config::ReadSecretFile(File("key.pem")));
  const crypto::SecretString key(std::move(key_text));
  OMNI_ASSIGN_OR_RETURN(const std::string chain, config::ReadSecretFile(File("chain.pem")));
  OMNI_ASSIGN_OR_RETURN(const std::string trust, config::ReadSecretFile(File("trust.pb")));
  auto svid = identity::X509Svid::FromPem(chain, key.value());
  if (!svid.ok()) {
    auto renewed = FinishRenewal(chain);
    if (!renewed.ok()) return Annotate(svid.status(), path_);
    svid = std::move(renewed);
  }
  auto network = ParseTrust(trust);
  if (!network.ok()) return Annotate(network.status(), File("trust.pb"));
  return Contents{*std::move(svid), *std::move(network)};
}

absl::StatusOr<identity::X509Svid> IdentityFolder::FinishRenewal(const std::string& chain) const {
  OMNI_ASSIGN_OR_RETURN(std::string key_text, config::ReadSecretFile(File("next-key.pem")));
  const crypto::SecretString key(std::move(key_text));
  OMNI_ASSIGN_OR_RETURN(identity::X509Svid svid, identity::X509Svid::FromPem(chain, key.value()));
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(File("key.pem"), key.value()));
  ::unlink(File("next-key.pem").c_str());
  return svid;
}

absl::Status IdentityFolder::SaveSvid(const identity::X509Svid& svid) const {
  const crypto::SecretString key(svid.key_pem(crypto::SecretAccess::IKnowThisExposesAKey()));
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(File("next-key.pem"), key.value()));
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(File("chain.pem"), svid.chain_pem()));
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(File("key.pem"), key.value()));
  ::unlink(File("next-key.pem").c_str());  // if it stays, the next renewal replaces it
  return absl::OkStatus();
}

absl::Status IdentityFolder::SaveTrust(std::string_view trust) const {
  return config::WriteSecretFile(File("trust.pb"), trust);
}

}  // namespace omninode::enrollment
