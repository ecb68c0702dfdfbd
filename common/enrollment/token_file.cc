#include "common/enrollment/token_file.h"

#include <nlohmann/json.hpp>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/key.h"

namespace omninode::enrollment {
namespace {

absl::StatusOr<std::string> Text(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) {
    return Reject(Reason::kArgumentInvalid, "token file: '{}' is missing", key);
  }
  return it->get<std::string>();
}

// What people may read there; empty when it is missing or not a text.
std::string Note(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

absl::StatusOr<TokenFile> TokenFile::Parse(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return Reject(Reason::kArgumentInvalid, "token file: not a JSON object");
  }
  OMNI_ASSIGN_OR_RETURN(std::string attestor, Text(json, "attestor"));
  OMNI_ASSIGN_OR_RETURN(const std::string domain, Text(json, "trust_domain"));
  OMNI_ASSIGN_OR_RETURN(const std::string pem, Text(json, "bundle"));
  OMNI_ASSIGN_OR_RETURN(std::string token_id, Text(json, "token_id"));
  OMNI_ASSIGN_OR_RETURN(const std::string encoded, Text(json, "token"));
  OMNI_ASSIGN_OR_RETURN(identity::TrustDomain trust_domain, identity::TrustDomain::Parse(domain));
  OMNI_ASSIGN_OR_RETURN(auto bundle, identity::TrustBundle::FromPem(trust_domain, pem));
  auto token = Base64Decode(encoded);
  if (!token.has_value() || token->size() != crypto::PrivateKey::kSeedBytes) {
    return Reject(Reason::kArgumentInvalid, "token file: 'token' is not base64 of {} bytes",
                  crypto::PrivateKey::kSeedBytes);
  }
  return TokenFile{std::move(attestor), std::move(bundle),       std::move(token_id),
                   *std::move(token),   Note(json, "spiffe_id"), Note(json, "expires_at")};
}

std::string TokenFile::ToJson() const {
  const nlohmann::ordered_json json = {
      {"attestor", attestor_address}, {"trust_domain", bundle.trust_domain().name()},
      {"bundle", bundle.ToPem()},     {"token_id", token_id},
      {"token", Base64Encode(token)}, {"spiffe_id", spiffe_id},
      {"expires_at", expires_at}};
  return json.dump(2) + "\n";
}

}  // namespace omninode::enrollment
