#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_IDENTITY_DESK_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_IDENTITY_DESK_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/key.h"
#include "common/identity/verifier.h"
#include "common/time/clock.h"
#include "services/bootstrap/attestation/pending_attestations.h"
#include "services/bootstrap/attestation/token_judge.h"
#include "services/bootstrap/desk/entry_desk.h"
#include "services/bootstrap/issuance/issue_rules.h"
#include "services/bootstrap/issuance/issuer.h"
#include "services/bootstrap/store/bootstrap_store.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

// What a newcomer is given. The leaf is signed by a root of the bundle, so it is the whole chain.
struct IssuedIdentity {
  IssuedSvid svid;
  TrustViewPtr trust;
};

// Issues identities. Thread-safe; calls block on the store. Everything in Deps outlives it. Methods
// fail as the RPCs of the same name document (identity_service.proto,
// local_identity_service.proto).
class IdentityDesk final {
 public:
  struct Deps {
    const Issuer& issuer;
    BootstrapStore& store;
    const TrustLedger& ledger;
    const EntryDesk& entries;
    const Clock& clock;
    IssuanceLimits limits;
  };
  // REQUIRES: limits.max_ttl <= kMaxSvidTtl, because bans are remembered for so long.
  explicit IdentityDesk(Deps deps);

  struct AttestationStart {
    std::string token_id;
    std::string csr_der;
    std::optional<identity::SpiffeId> spiffe_id;  // the identity wanted, if the newcomer said so
    std::string source_address;
  };
  // A challenge for everybody with a sound request, whether the token exists or not.
  absl::StatusOr<PendingAttestations::Ticket> BeginAttestation(AttestationStart start);
  // `signature`: of the token's key over envelope::JoinProofMessage.
  absl::StatusOr<IssuedIdentity> FinishAttestation(std::string_view attestation_id,
                                                   std::string_view signature);

  // A new SVID of the caller's own identity. REQUIRES: the caller was verified.
  absl::StatusOr<IssuedIdentity> RenewSvid(const identity::VerifiedSvid& caller,
                                           std::string_view csr_der);

  // `actor`: the local user, as the kernel says it ("uid:1000").
  absl::StatusOr<IssuedIdentity> IssueLocal(std::string_view spiffe_id, std::string_view csr_der,
                                            std::optional<absl::Duration> ttl,
                                            const std::string& actor);

 private:
  // How an identity is issued, and by which entry.
  struct Terms {
    absl::Duration ttl;
    std::vector<std::string> dns_names;
    std::optional<std::string> entry_id;
  };

  absl::StatusOr<Terms> TermsOf(const identity::SpiffeId& id) const;
  // Signs, and commits together with what is to be checked and consumed.
  absl::StatusOr<IssuedIdentity> Issue(IssueRequest request, std::optional<std::string> entry_id,
                                       std::optional<std::string> token_id,
                                       std::optional<identity::RevokedCertificate> renewed_by);
  absl::StatusOr<IssuedIdentity> IssueByToken(const JoinToken& token, const crypto::PublicKey& key);
  absl::StatusOr<IssuedIdentity> RepeatAnswer(const StoredToken& token) const;

  const Deps deps_;
  const TokenJudge judge_;
  PendingAttestations pending_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_IDENTITY_DESK_H_
