#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_BOOTSTRAP_STORE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_BOOTSTRAP_STORE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/identity/revocations.h"
#include "common/identity/spiffe_id.h"
#include "services/bootstrap/attestation/join_token.h"
#include "services/bootstrap/entry/entry.h"
#include "services/bootstrap/issuance/issue_request.h"
#include "services/bootstrap/trust/trust_store.h"

namespace omninode::bootstrap {

// Which network the database is of.
struct NetworkInfo {
  NetworkId network_id;
  identity::TrustDomain trust_domain;
  absl::Time created_at;
};

// A certificate about to exist, and what it was issued on.
struct IssueCommit {
  IssuedSvid svid;
  std::optional<std::string> token_id;                     // to be consumed
  std::optional<std::string> entry_id;                     // must still be there
  std::optional<identity::RevokedCertificate> renewed_by;  // the holder's leaf: must not be revoked
};

// What the certificate authority remembers. Thread-safe; each call is one transaction, on the disk
// when it returns OK. Times are arguments.
//
// Errors beside those named: STORE_UNAVAILABLE, nothing was written, or it is not known: asking
// again is safe. DATA_LOSS: a stored value is damaged.
class BootstrapStore : public TrustStore {
 public:
  static constexpr std::size_t kMaxTokens = 100'000;
  static constexpr std::size_t kMaxPrunedRows = 1'000;  // of a kind, per call
  // Expired tokens are kept so long, so that their use is told from a forgery.
  static constexpr absl::Duration kKeepTokens = absl::Hours(24);
  static constexpr absl::Duration kKeepSvids = absl::Minutes(2);

  // nullopt: the database is empty.
  virtual absl::StatusOr<std::optional<NetworkInfo>> LoadNetwork() = 0;
  // ALREADY_EXISTS when there is one.
  virtual absl::Status CreateNetwork(const NetworkInfo& network) = 0;

  virtual absl::StatusOr<std::vector<Entry>> LoadEntries(
      const identity::TrustDomain& trust_domain) = 0;
  // New, or in place of the one of the same id. ENTRY_EXISTS when another has the pattern.
  virtual absl::Status PutEntry(const Entry& entry) = 0;
  // OBJECT_UNKNOWN when it is not there.
  virtual absl::Status DeleteEntry(std::string_view entry_id) = 0;

  // LOAD_SHED beyond kMaxTokens.
  virtual absl::Status AddToken(const JoinToken& token) = 0;
  virtual absl::StatusOr<std::optional<StoredToken>> FindToken(std::string_view token_id) = 0;

  // Consumes the token and records the certificate, or does neither. Only after OK may the
  // certificate be handed out. Fails with, in this order,
  //   TOKEN_USED       the token is used or expired: somebody was faster;
  //   ENTRY_MISSING    the entry was deleted;
  //   CERT_REVOKED     the holder's leaf was revoked;
  //   IDENTITY_BANNED  the identity is banned, or the certificate begins before a lifted ban;
  //   KEY_REUSED       see CheckKeyUse.
  virtual absl::Status CommitIssue(const IssueCommit& commit, absl::Time now) = 0;
  // nullopt: never issued, or ended and forgotten. `serial`: lower-case hex.
  virtual absl::StatusOr<std::optional<IssuedSvid>> FindSvid(std::string_view serial) = 0;

  // Forgets certificates and tokens that have ended, at most kMaxPrunedRows of each; returns how
  // many rows went. Revocations and bans are the ledger's to prune.
  virtual absl::StatusOr<std::size_t> Prune(absl::Time now) = 0;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_BOOTSTRAP_STORE_H_
