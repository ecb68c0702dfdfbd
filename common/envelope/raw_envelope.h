#ifndef OMNINODE_COMMON_ENVELOPE_RAW_ENVELOPE_H_
#define OMNINODE_COMMON_ENVELOPE_RAW_ENVELOPE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/crypto/certificate.h"
#include "common/crypto/chain.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"

namespace omninode::envelope {

inline constexpr std::string_view kEnvelopeVersion = "1.0";

inline constexpr std::size_t kMaxEnvelopeBytes = 64 * 1024;
inline constexpr std::size_t kMaxBodyBytes = 48 * 1024;
inline constexpr std::size_t kMaxCertificates = crypto::kMaxChain;
inline constexpr std::size_t kMaxCertificateBytes = crypto::Certificate::kMaxDerBytes;
inline constexpr std::size_t kMaxSpiffeIdBytes = identity::SpiffeId::kMaxBytes;
inline constexpr std::size_t kMaxSignatureBytes = 1024;  // twice what RSA with 4096 bits needs

// A signed envelope whose body nobody has looked into: who says to have signed which bytes. To
// learn what it says there is only VerifyAndDecode (open.h).
struct RawEnvelope {
  std::string spiffe_id;
  // DER, leaf first; empty when the stream has carried the leaf before.
  std::vector<std::string> certificates_der;
  crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::kSha256WithEcdsa;
  std::string signature;
  std::string body;  // serialized EnvelopeBody: exactly the bytes that were signed

  friend bool operator==(const RawEnvelope&, const RawEnvelope&) = default;
};

// From a serialized SignedEnvelope. Unknown fields are refused whoever asks: what stands beside the
// body is signed by nobody. Fails with
//   MSG_TOO_LARGE  the envelope or a field is beyond its bound above; judged first, copies nothing;
//   ALG_REJECTED   the algorithm is none of ours;
//   MSG_MALFORMED  another version, too many certificates, a field twice (a second body!), and
//                  everything else that ScanMessage refuses.
absl::StatusOr<RawEnvelope> DecodeRawEnvelope(std::string_view bytes);

// The serialized SignedEnvelope.
std::string EncodeRawEnvelope(const RawEnvelope& envelope);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_RAW_ENVELOPE_H_
