#include "services/bootstrap/trust/trust_records.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

absl::Time FloorTo(absl::Time time, absl::Duration unit) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), unit);
}

// As they are stored, so that what was planned and what is read back are equal.
absl::Time Stored(absl::Time time) { return FloorTo(time, absl::Microseconds(1)); }

TrustChange Next(const TrustRecords& records) {
  return {.sequence = records.sequence + 1, .published = records.published};
}

}  // namespace

std::string KeyOf(const identity::RevokedCertificate& certificate) {
  return fmt::format("{}/{}", certificate.authority_key_id, certificate.serial);
}

TrustRecords Apply(TrustRecords records, const TrustChange& change) {
  OMNI_CHECK(change.sequence == records.sequence + 1);
  records.sequence = change.sequence;
  records.published = change.published;
  for (const auto& revocation : change.revoke) {
    records.revocations.insert_or_assign(KeyOf(revocation.certificate), revocation);
  }
  for (const auto& ban : change.put_bans) records.bans.insert_or_assign(ban.id, ban);
  for (const auto& certificate : change.forget_revocations) {
    records.revocations.erase(KeyOf(certificate));
  }
  for (const auto& id : change.forget_bans) records.bans.erase(id);
  return records;
}

std::optional<TrustChange> PlanPublished(const TrustRecords& records,
                                         const crypto::Sha256Digest& published) {
  if (records.sequence > 0 && records.published == published) return std::nullopt;
  TrustChange change = Next(records);
  change.published = published;
  return change;
}

std::optional<TrustChange> PlanRevoke(const TrustRecords& records,
                                      CertificateRevocation revocation) {
  if (records.revocations.contains(KeyOf(revocation.certificate))) return std::nullopt;
  revocation.revoked_at = Stored(revocation.revoked_at);
  revocation.expires_at = Stored(revocation.expires_at);
  TrustChange change = Next(records);
  change.revoke.push_back(std::move(revocation));
  return change;
}

std::optional<TrustChange> PlanBan(const TrustRecords& records, const identity::SpiffeId& id,
                                   const TrustOrder& order, absl::Time now) {
  IdentityBan ban{.id = id,
                  .banned_at = FloorTo(now, absl::Seconds(1)),
                  .lifted_at = std::nullopt,
                  .reason_text = order.reason_text,
                  .actor = order.actor};
  if (const auto before = records.bans.find(id); before != records.bans.end()) {
    if (!before->second.lifted_at.has_value()) return std::nullopt;
    // A certificate issued since then begins up to a second later than the last ban, whatever the
    // clock did: it must be covered too.
    ban.banned_at = std::max(ban.banned_at, before->second.banned_at + absl::Seconds(1));
  }
  TrustChange change = Next(records);
  change.put_bans.push_back(std::move(ban));
  return change;
}

absl::StatusOr<std::optional<TrustChange>> PlanUnban(const TrustRecords& records,
                                                     const identity::SpiffeId& id, absl::Time now) {
  constexpr std::size_t kShownBytes = 128;
  const auto found = records.bans.find(id);
  if (found == records.bans.end()) {
    return Reject(Reason::kObjectUnknown, "{} is not banned",
                  EscapeForDisplay(id.ToString(), kShownBytes));
  }
  if (found->second.lifted_at.has_value()) return std::optional<TrustChange>();
  TrustChange change = Next(records);
  change.put_bans.push_back(found->second);
  change.put_bans.back().lifted_at = Stored(now);
  return std::optional<TrustChange>(std::move(change));
}

std::optional<TrustChange> PlanPrune(const TrustRecords& records, absl::Duration longest_leaf,
                                     absl::Time now) {
  TrustChange change = Next(records);
  for (const auto& [key, revocation] : records.revocations) {
    if (revocation.expires_at + kForgetSlack <= now) {
      change.forget_revocations.push_back(revocation.certificate);
    }
  }
  for (const auto& [id, ban] : records.bans) {
    // What was issued until the ban was lifted has ended by then; banned_at may lie after it.
    if (ban.lifted_at.has_value() &&
        std::max(ban.banned_at, *ban.lifted_at) + longest_leaf + kForgetSlack <= now) {
      change.forget_bans.push_back(id);
    }
  }
  if (change.forget_revocations.empty() && change.forget_bans.empty()) return std::nullopt;
  return change;
}

}  // namespace omninode::bootstrap
