#ifndef OMNINODE_COMMON_ENROLLMENT_TRUST_CODEC_H_
#define OMNINODE_COMMON_ENROLLMENT_TRUST_CODEC_H_

#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/key.h"
#include "common/enrollment/network_trust.h"
#include "common/identity/x509_svid.h"
#include "omninode/bootstrap/v1/svid.pb.h"
#include "omninode/bootstrap/v1/trust_service.pb.h"

// What bootstrap hands out, between messages and values. Pure. Errors: MSG_MALFORMED with the
// field's path, or the reason of the part that is invalid.
namespace omninode::enrollment {

// `received_at`: when somebody who vouches for it said so; nullopt for a copy from disk.
absl::StatusOr<NetworkTrust> Decode(const bootstrap::v1::TrustState& message,
                                    std::optional<absl::Time> received_at);

// The chain that was issued, with the key that the request was made with.
absl::StatusOr<identity::X509Svid> Decode(const bootstrap::v1::X509Svid& message,
                                          const crypto::PrivateKey& key);

// A state as bytes for the identity folder.
std::string SerializeTrust(const bootstrap::v1::TrustState& message);
absl::StatusOr<NetworkTrust> ParseTrust(std::string_view bytes);

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_TRUST_CODEC_H_
