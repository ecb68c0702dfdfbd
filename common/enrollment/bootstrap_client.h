#ifndef OMNINODE_COMMON_ENROLLMENT_BOOTSTRAP_CLIENT_H_
#define OMNINODE_COMMON_ENROLLMENT_BOOTSTRAP_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/key.h"
#include "common/enrollment/network_trust.h"
#include "common/enrollment/token_file.h"
#include "common/identity/x509_svid.h"
#include "common/time/clock.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace omninode::enrollment {

// A first identity and what to trust, with the state's bytes for the identity folder.
struct FirstIdentity {
  identity::X509Svid svid;
  NetworkTrust trust;
  std::string trust_bytes;
};

// Joins with a token: verifies the attestor by the token file's bundle, proves the token without
// sending it, gets an SVID for `key`. Blocks for at most `timeout`.
// Errors: those of AttestationService.Attest; UNAVAILABLE when the attestor cannot be reached.
absl::StatusOr<FirstIdentity> AttestWithToken(const TokenFile& token, const crypto::PrivateKey& key,
                                              const Clock& clock, absl::Duration timeout);

// A first identity for a service or administrator of this host, over the bootstrap service's admin
// Unix socket. Errors: those of LocalIdentityService.IssueSvid; UNAVAILABLE without a socket there.
absl::StatusOr<FirstIdentity> IssueLocally(const std::string& socket_path,
                                           const std::string& spiffe_id,
                                           const crypto::PrivateKey& key,
                                           std::optional<absl::Duration> ttl, const Clock& clock,
                                           absl::Duration timeout);

// A new SVID for the identity that `channel` shows, for a new key.
absl::StatusOr<identity::X509Svid> RenewSvid(const std::shared_ptr<grpc::Channel>& channel,
                                             const crypto::PrivateKey& key, absl::Duration timeout);

// One word of the trust stream: the sequence that is current and, when it changed, the state.
struct TrustWord {
  std::uint64_t sequence = 0;
  std::optional<NetworkTrust> trust;
  std::string trust_bytes;  // with trust
};

// Follows the trust stream until it ends or `on_word` returns an error; blocks. `context` is the
// stream's: cancel it to end the call from another thread.
absl::Status WatchTrust(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context,
                        std::uint64_t known_sequence, const Clock& clock,
                        const std::function<absl::Status(TrustWord)>& on_word);

// Tells bootstrap which sequence this process enforces.
absl::Status AckTrust(const std::shared_ptr<grpc::Channel>& channel, std::uint64_t sequence,
                      absl::Duration timeout);

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_BOOTSTRAP_CLIENT_H_
