#include "common/identity/revocations.h"

#include <algorithm>

#include "common/base/reason.h"

namespace omninode::identity {
namespace {

std::string KeyText(std::string_view authority_key_id, std::string_view serial) {
  return fmt::format("{}/{}", authority_key_id, serial);
}

}  // namespace

RevokedCertificate RevokedCertificate::Of(const crypto::Certificate& certificate) {
  return {certificate.authority_key_id(), certificate.serial_hex()};
}

absl::StatusOr<Revocations> Revocations::Create(const std::vector<RevokedCertificate>& certificates,
                                                const std::vector<Ban>& bans) {
  if (certificates.size() + bans.size() > kMaxEntries) {
    return Reject(Reason::kArgumentInvalid, "{} revocations, at most {} are allowed",
                  certificates.size() + bans.size(), kMaxEntries);
  }
  Revocations revocations;
  for (const RevokedCertificate& revoked : certificates) {
    revocations.certificates_.insert(KeyText(revoked.authority_key_id, revoked.serial));
  }
  for (const Ban& ban : bans) {
    const auto [at, added] =
        revocations.bans_.try_emplace(ban.id, BanState{ban.banned_at, ban.lifted});
    if (added) continue;
    at->second.banned_at = std::max(at->second.banned_at, ban.banned_at);
    at->second.lifted = at->second.lifted && ban.lifted;
  }
  return revocations;
}

std::string Revocations::KeyOf(const crypto::Certificate& certificate) {
  return KeyText(certificate.authority_key_id(), certificate.serial_hex());
}

bool Revocations::IsRevoked(const crypto::Certificate& certificate) const {
  return !certificates_.empty() && IsRevokedKey(KeyOf(certificate));
}

bool Revocations::IsBanned(const SpiffeId& id, absl::Time not_before) const {
  const auto found = bans_.find(id);
  if (found == bans_.end()) return false;
  return !found->second.lifted || not_before <= found->second.banned_at;
}

}  // namespace omninode::identity
