#ifndef OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_RULES_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_RULES_H_

#include <optional>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/identity/principal.h"
#include "common/identity/revocations.h"
#include "common/identity/spiffe_id.h"
#include "services/bootstrap/issuance/issue_request.h"

// Who may get what, and for how long. Pure functions.
namespace omninode::bootstrap {

// Others' clocks may be so much behind ours.
inline constexpr absl::Duration kBackdating = absl::Seconds(60);

// Who `id` is, if it may be issued on `path`: nodes and agents when attested, services and
// administrators locally, everybody by renewal. Fails with SPIFFE_ID_INVALID for all others and for
// ids of another trust domain.
absl::StatusOr<identity::Principal> CheckIssuable(IssuePath path, const identity::SpiffeId& id,
                                                  const identity::TrustDomain& own);

// Whether entries decide about this kind of identity (nodes, agents) or built-in rules do.
bool NeedsEntry(const identity::Principal& principal);

// Lives of SVIDs that no entry decides about.
struct IssuanceLimits {
  absl::Duration default_ttl = absl::Hours(1);
  absl::Duration min_ttl = absl::Minutes(1);
  absl::Duration max_ttl = absl::Hours(24);
};
// The life asked for, or the default one; a longer one than max_ttl is shortened. Fails with
// ARGUMENT_INVALID below min_ttl.
absl::StatusOr<absl::Duration> LocalTtl(std::optional<absl::Duration> asked,
                                        const IssuanceLimits& limits);

// While a ban stands nothing is issued: IDENTITY_BANNED.
absl::Status CheckNotBanned(const identity::SpiffeId& id, const identity::Revocations& revocations);

// Whether the holder of `leaf` may have a new one: CERT_REVOKED, IDENTITY_BANNED.
// REQUIRES: the leaf was verified and is of `id`.
absl::Status CheckRenewable(const crypto::Certificate& leaf, const identity::SpiffeId& id,
                            const identity::Revocations& revocations);

struct Validity {
  absl::Time not_before;
  absl::Time not_after;
};
// The life of a leaf that is issued at `now`, in whole seconds: from kBackdating before `now`, but
// after `banned_at` of a lifted ban, until `ttl` from now or the authority's end. Fails with
// INTERNAL when the authority has ended, and with IDENTITY_BANNED when the ban lies more than a
// second in the future of this clock, because what would be issued were not valid yet.
absl::StatusOr<Validity> ValidityOf(absl::Time now, absl::Duration ttl,
                                    absl::Time authority_not_after,
                                    std::optional<absl::Time> banned_at);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ISSUANCE_ISSUE_RULES_H_
