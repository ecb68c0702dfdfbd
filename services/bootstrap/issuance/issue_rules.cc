#include "services/bootstrap/issuance/issue_rules.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::bootstrap {
namespace {

using identity::Principal;

constexpr std::size_t kShownBytes = 128;
// Certificates know seconds only.
constexpr absl::Duration kTick = absl::Seconds(1);

absl::Time FloorToSecond(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), kTick);
}

bool PathGives(IssuePath path, Principal::Kind kind) {
  switch (path) {
    case IssuePath::kAttested:
      return kind == Principal::Kind::kNode || kind == Principal::Kind::kAgent;
    case IssuePath::kLocal:
      return kind == Principal::Kind::kService || kind == Principal::Kind::kAdmin ||
             kind == Principal::Kind::kNamespaceAdmin;
    case IssuePath::kRenewal:
      return true;
  }
  return false;
}

std::string Shown(const identity::SpiffeId& id) {
  return EscapeForDisplay(id.ToString(), kShownBytes);
}

}  // namespace

absl::StatusOr<Principal> CheckIssuable(IssuePath path, const identity::SpiffeId& id,
                                        const identity::TrustDomain& own) {
  if (id.trust_domain() != own) {
    return Reject(Reason::kSpiffeIdInvalid, "{} is not of trust domain {}", Shown(id), own.name());
  }
  absl::StatusOr<Principal> principal = Principal::From(id);
  if (!principal.ok() || !PathGives(path, principal->kind())) {
    return Reject(Reason::kSpiffeIdInvalid, "{} is no identity that is issued here ({})", Shown(id),
                  NameOf(path));
  }
  return principal;
}

bool NeedsEntry(const Principal& principal) {
  return PathGives(IssuePath::kAttested, principal.kind());
}

absl::StatusOr<absl::Duration> LocalTtl(std::optional<absl::Duration> asked,
                                        const IssuanceLimits& limits) {
  const absl::Duration ttl = asked.value_or(limits.default_ttl);
  if (ttl < limits.min_ttl) {
    return Reject(Reason::kArgumentInvalid, "a life of {}, at least {} is allowed",
                  FormatDuration(ttl), FormatDuration(limits.min_ttl));
  }
  return std::min(ttl, limits.max_ttl);
}

absl::Status CheckNotBanned(const identity::SpiffeId& id,
                            const identity::Revocations& revocations) {
  // A certificate that begins in the infinite future is refused by a standing ban only.
  if (!revocations.IsBanned(id, absl::InfiniteFuture())) return absl::OkStatus();
  return Reject(Reason::kIdentityBanned, "{} is banned", Shown(id));
}

absl::Status CheckRenewable(const crypto::Certificate& leaf, const identity::SpiffeId& id,
                            const identity::Revocations& revocations) {
  if (revocations.IsRevoked(leaf)) {
    return Reject(Reason::kCertRevoked, "the certificate of {} is revoked", Shown(id));
  }
  if (revocations.IsBanned(id, leaf.not_before())) {
    return Reject(Reason::kIdentityBanned, "{} is banned, or was after its certificate was issued",
                  Shown(id));
  }
  return absl::OkStatus();
}

absl::StatusOr<Validity> ValidityOf(absl::Time now, absl::Duration ttl,
                                    absl::Time authority_not_after,
                                    std::optional<absl::Time> banned_at) {
  if (authority_not_after <= now) {
    return Reject(Reason::kInternal, "the authority's certificate has expired");
  }
  const absl::Time second = FloorToSecond(now);
  Validity validity{.not_before = second - kBackdating,
                    .not_after = std::min(second + ttl, authority_not_after)};
  if (banned_at.has_value()) {
    const absl::Time after_ban = FloorToSecond(*banned_at) + kTick;
    if (after_ban > now + kTick) {
      return Reject(Reason::kIdentityBanned, "the lifted ban is of {}, which is not yet",
                    omninode::FormatTime(*banned_at));
    }
    validity.not_before = std::max(validity.not_before, after_ban);
  }
  if (validity.not_before >= validity.not_after) {
    return Reject(Reason::kInternal, "the authority's certificate is about to expire");
  }
  return validity;
}

}  // namespace omninode::bootstrap
