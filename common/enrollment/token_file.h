#ifndef OMNINODE_COMMON_ENROLLMENT_TOKEN_FILE_H_
#define OMNINODE_COMMON_ENROLLMENT_TOKEN_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/identity/trust_bundle.h"

namespace omninode::enrollment {

// What a newcomer is handed to join the network: where to knock, by what to recognise the door, and
// a secret to be used once. JSON on disk, mode 0600:
//
//   {"attestor": "host:port", "trust_domain": "example.org", "bundle": "<PEM>",
//    "token_id": "...", "token": "<base64 of 32 bytes>", "spiffe_id": "...", "expires_at": "..."}
//
// The last two are for people. Holds a secret: never log it.
struct TokenFile {
  std::string attestor_address;
  identity::TrustBundle bundle;  // of the network's trust domain
  std::string token_id;
  std::string token;  // Ed25519 seed of 32 bytes
  std::string spiffe_id;
  std::string expires_at;

  // ARGUMENT_INVALID naming what is wrong; never echoes the token.
  static absl::StatusOr<TokenFile> Parse(std::string_view json);
  std::string ToJson() const;
};

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_TOKEN_FILE_H_
