#include "services/bootstrap/desk/identity_desk.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/envelope/join_proof.h"

namespace omninode::bootstrap {
namespace {

static_assert(kMaxTokenIdBytes == envelope::kMaxTokenIdBytes);
static_assert(PendingAttestations::kChallengeBytes == envelope::kJoinChallengeBytes);

absl::StatusOr<std::string> ProofMessage(const PendingAttestations::Pending& pending,
                                         const identity::TrustDomain& trust_domain) {
  return envelope::JoinProofMessage({.token_id = pending.claim.token_id,
                                     .csr_der = pending.claim.csr_der,
                                     .trust_domain = trust_domain,
                                     .challenge = pending.challenge});
}

const StoredToken* PointerTo(const std::optional<StoredToken>& token) {
  return token.has_value() ? &*token : nullptr;
}

}  // namespace

IdentityDesk::IdentityDesk(Deps deps) : deps_(std::move(deps)) {
  OMNI_CHECK(deps_.limits.max_ttl <= kMaxSvidTtl);
}

absl::StatusOr<PendingAttestations::Ticket> IdentityDesk::BeginAttestation(AttestationStart start) {
  if (start.token_id.empty() || start.token_id.size() > kMaxTokenIdBytes) {
    return Reject(Reason::kTokenInvalid, "a token id has 1 to {} bytes", kMaxTokenIdBytes);
  }
  OMNI_ASSIGN_OR_RETURN(crypto::PublicKey key, crypto::CheckCsr(start.csr_der));
  return pending_.Begin({.token_id = std::move(start.token_id),
                         .csr_der = std::move(start.csr_der),
                         .key = std::move(key),
                         .spiffe_id = std::move(start.spiffe_id),
                         .source_address = std::move(start.source_address)},
                        deps_.clock.Monotonic());
}

absl::StatusOr<IssuedIdentity> IdentityDesk::FinishAttestation(std::string_view attestation_id,
                                                               std::string_view signature) {
  const auto pending = pending_.Take(attestation_id, deps_.clock.Monotonic());
  if (!pending.has_value()) {
    return Reject(Reason::kTokenInvalid, "no such attestation is under way; begin again");
  }
  OMNI_ASSIGN_OR_RETURN(const std::string message,
                        ProofMessage(*pending, deps_.issuer.trust_domain()));
  const AttestationClaim& claim = pending->claim;
  const TokenProof proof{.message = message,
                         .signature = signature,
                         .key_fingerprint = claim.key.fingerprint(),
                         .spiffe_id = claim.spiffe_id.has_value() ? &*claim.spiffe_id : nullptr};

  // A second round only for the loser of a race, who then learns by its key whether the winner was
  // its own other attempt.
  for (bool lost_race = false;; lost_race = true) {
    OMNI_ASSIGN_OR_RETURN(const std::optional<StoredToken> token,
                          deps_.store.FindToken(claim.token_id));
    OMNI_ASSIGN_OR_RETURN(const TokenVerdict verdict,
                          judge_.Judge(PointerTo(token), proof, deps_.clock.Now()));
    if (verdict == TokenVerdict::kSameAgain) return RepeatAnswer(*token);
    absl::StatusOr<IssuedIdentity> issued = IssueByToken(token->token, claim.key);
    if (ReasonOf(issued.status()) != Reason::kTokenUsed || lost_race) return issued;
  }
}

absl::StatusOr<IssuedIdentity> IdentityDesk::IssueByToken(const JoinToken& token,
                                                          const crypto::PublicKey& key) {
  OMNI_RETURN_IF_ERROR(CheckNotBanned(token.spiffe_id, deps_.ledger.Current()->revocations));
  OMNI_ASSIGN_OR_RETURN(Terms terms, TermsOf(token.spiffe_id));
  return Issue({.id = token.spiffe_id,
                .key = key,
                .ttl = terms.ttl,
                .dns_names = std::move(terms.dns_names),
                .path = IssuePath::kAttested,
                .actor = fmt::format("token:{}", token.id)},
               std::move(terms.entry_id), token.id, std::nullopt);
}

absl::StatusOr<IssuedIdentity> IdentityDesk::RepeatAnswer(const StoredToken& token) const {
  OMNI_ASSIGN_OR_RETURN(std::optional<IssuedSvid> svid, deps_.store.FindSvid(token.use->serial));
  TrustViewPtr trust = deps_.ledger.View();
  if (!svid.has_value()) {
    return Reject(Reason::kTokenUsed, "the join token was used, and its certificate has ended");
  }
  OMNI_RETURN_IF_ERROR(CheckRenewable(svid->leaf, svid->record.id, trust->state->revocations));
  return IssuedIdentity{*std::move(svid), std::move(trust)};
}

absl::StatusOr<IssuedIdentity> IdentityDesk::RenewSvid(const identity::VerifiedSvid& caller,
                                                       std::string_view csr_der) {
  OMNI_RETURN_IF_ERROR(
      CheckIssuable(IssuePath::kRenewal, caller.id, deps_.issuer.trust_domain()).status());
  OMNI_RETURN_IF_ERROR(
      CheckRenewable(caller.leaf(), caller.id, deps_.ledger.Current()->revocations));
  OMNI_ASSIGN_OR_RETURN(crypto::PublicKey key, crypto::CheckCsr(csr_der));
  OMNI_ASSIGN_OR_RETURN(Terms terms, TermsOf(caller.id));
  return Issue({.id = caller.id,
                .key = std::move(key),
                .ttl = terms.ttl,
                .dns_names = std::move(terms.dns_names),
                .path = IssuePath::kRenewal,
                .actor = caller.id.ToString()},
               std::move(terms.entry_id), std::nullopt,
               identity::RevokedCertificate::Of(caller.leaf()));
}

absl::StatusOr<IssuedIdentity> IdentityDesk::IssueLocal(std::string_view spiffe_id,
                                                        std::string_view csr_der,
                                                        std::optional<absl::Duration> ttl,
                                                        const std::string& actor) {
  OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, identity::SpiffeId::Parse(spiffe_id));
  OMNI_RETURN_IF_ERROR(CheckIssuable(IssuePath::kLocal, id, deps_.issuer.trust_domain()).status());
  OMNI_RETURN_IF_ERROR(CheckNotBanned(id, deps_.ledger.Current()->revocations));
  OMNI_ASSIGN_OR_RETURN(const absl::Duration life, LocalTtl(ttl, deps_.limits));
  OMNI_ASSIGN_OR_RETURN(crypto::PublicKey key, crypto::CheckCsr(csr_der));
  return Issue({.id = std::move(id),
                .key = std::move(key),
                .ttl = life,
                .dns_names = {},
                .path = IssuePath::kLocal,
                .actor = actor},
               std::nullopt, std::nullopt, std::nullopt);
}

absl::StatusOr<IdentityDesk::Terms> IdentityDesk::TermsOf(const identity::SpiffeId& id) const {
  OMNI_ASSIGN_OR_RETURN(const identity::Principal principal, identity::Principal::From(id));
  if (!NeedsEntry(principal)) return Terms{deps_.limits.default_ttl, {}, std::nullopt};
  const EntryTablePtr table = deps_.entries.Table();
  const Entry* entry = table->Match(id);
  if (entry == nullptr) {
    return Reject(Reason::kEntryMissing, "no entry matches this identity");
  }
  return Terms{entry->svid_ttl(), entry->dns_names(), entry->id()};
}

absl::StatusOr<IssuedIdentity> IdentityDesk::Issue(
    IssueRequest request, std::optional<std::string> entry_id, std::optional<std::string> token_id,
    std::optional<identity::RevokedCertificate> renewed_by) {
  TrustViewPtr trust = deps_.ledger.View();
  const absl::Time now = deps_.clock.Now();
  OMNI_ASSIGN_OR_RETURN(IssuedSvid svid,
                        deps_.issuer.Issue(request, trust->LiftedBanOf(request.id), now));
  const IssueCommit commit{.svid = std::move(svid),
                           .token_id = std::move(token_id),
                           .entry_id = std::move(entry_id),
                           .renewed_by = std::move(renewed_by)};
  OMNI_RETURN_IF_ERROR(deps_.store.CommitIssue(commit, now));
  return IssuedIdentity{commit.svid, std::move(trust)};
}

}  // namespace omninode::bootstrap
