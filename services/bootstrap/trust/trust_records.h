#ifndef OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_RECORDS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_RECORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/digest.h"
#include "common/identity/revocations.h"
#include "common/identity/spiffe_id.h"

// What is stored about trust, and what an order would change in it. Values and pure functions.
namespace omninode::bootstrap {

// Others' clocks may be so much behind: nothing is forgotten before they agree that it has ended.
inline constexpr absl::Duration kForgetSlack = absl::Minutes(2);

struct CertificateRevocation {
  identity::RevokedCertificate certificate;
  identity::SpiffeId id;
  absl::Time revoked_at;
  absl::Time expires_at;
  std::string reason_text;
  std::string actor;

  friend bool operator==(const CertificateRevocation&, const CertificateRevocation&) = default;
};

struct IdentityBan {
  identity::SpiffeId id;
  absl::Time banned_at;                 // whole seconds
  std::optional<absl::Time> lifted_at;  // nullopt: it stands
  std::string reason_text;
  std::string actor;

  friend bool operator==(const IdentityBan&, const IdentityBan&) = default;
};

// Names a certificate in TrustRecords.
std::string KeyOf(const identity::RevokedCertificate& certificate);

struct TrustRecords {
  std::uint64_t sequence = 0;        // 0: nothing was ever stored
  crypto::Sha256Digest published{};  // of what goes out beside the records, as of the sequence
  std::map<std::string, CertificateRevocation> revocations;  // by KeyOf
  std::map<identity::SpiffeId, IdentityBan> bans;

  friend bool operator==(const TrustRecords&, const TrustRecords&) = default;
};

// One change, to be stored in one transaction.
struct TrustChange {
  std::uint64_t sequence = 0;  // the new one; the stored one must be one less
  crypto::Sha256Digest published{};
  std::vector<CertificateRevocation> revoke;
  std::vector<IdentityBan> put_bans;  // new, or in place of the one of the same identity
  std::vector<identity::RevokedCertificate> forget_revocations;
  std::vector<identity::SpiffeId> forget_bans;
};

// REQUIRES: change.sequence == records.sequence + 1.
TrustRecords Apply(TrustRecords records, const TrustChange& change);

// Who orders something, and why.
struct TrustOrder {
  std::string actor;
  std::string reason_text;
};

// Plans. nullopt: it is so already.
std::optional<TrustChange> PlanPublished(const TrustRecords& records,
                                         const crypto::Sha256Digest& published);
std::optional<TrustChange> PlanRevoke(const TrustRecords& records,
                                      CertificateRevocation revocation);
std::optional<TrustChange> PlanBan(const TrustRecords& records, const identity::SpiffeId& id,
                                   const TrustOrder& order, absl::Time now);
// Fails with OBJECT_UNKNOWN when the identity was never banned.
absl::StatusOr<std::optional<TrustChange>> PlanUnban(const TrustRecords& records,
                                                     const identity::SpiffeId& id, absl::Time now);
// Forgets what changes nothing any more: revocations of certificates that have ended, and bans
// that were lifted when every certificate from before has ended. `longest_leaf`: no leaf is
// issued for longer.
std::optional<TrustChange> PlanPrune(const TrustRecords& records, absl::Duration longest_leaf,
                                     absl::Time now);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_RECORDS_H_
