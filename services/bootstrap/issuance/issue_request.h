#ifndef OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_REQUEST_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/digest.h"
#include "common/crypto/key.h"
#include "common/identity/spiffe_id.h"

namespace omninode::bootstrap {

// How somebody came to an identity. The numbers are stored.
enum class IssuePath : std::uint8_t {
  kAttested = 1,  // evidence, relayed by an attestor
  kLocal = 2,     // the kernel said who called
  kRenewal = 3,   // an SVID of the same identity
};
std::string_view NameOf(IssuePath path);  // "attested", "local", "renewal"
std::optional<IssuePath> ParseIssuePath(std::int64_t number);

// An identity to be issued, after all rules were asked.
struct IssueRequest {
  identity::SpiffeId id;
  crypto::PublicKey key;
  absl::Duration ttl;
  std::vector<std::string> dns_names;
  IssuePath path = IssuePath::kAttested;
  std::string actor;  // on whose word: a token, an SVID, a local user
};

// What is known of a certificate that was issued.
struct IssueRecord {
  std::string serial;  // lower-case hex
  identity::SpiffeId id;
  crypto::Sha256Digest key_fingerprint;
  absl::Time not_before;
  absl::Time not_after;
  std::string authority_key_id;  // lower-case hex
  IssuePath path = IssuePath::kAttested;
  std::string actor;
};

struct IssuedSvid {
  crypto::Certificate leaf;
  IssueRecord record;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_REQUEST_H_
