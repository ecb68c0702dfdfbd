#include "common/identity/svid_profile.h"

#include <string_view>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::identity {
namespace {

absl::Status Violation(const crypto::Certificate& certificate, std::string_view what) {
  return Reject(Reason::kCertProfile, "certificate {}: {}", certificate.serial_hex(), what);
}

}  // namespace

absl::StatusOr<SpiffeId> CheckLeafProfile(const crypto::Certificate& leaf) {
  if (leaf.uri_sans().size() != 1) {
    return Reject(Reason::kCertProfile, "certificate {}: {} URI names, an SVID has exactly one",
                  leaf.serial_hex(), leaf.uri_sans().size());
  }
  OMNI_ASSIGN_OR_RETURN(SpiffeId id, SpiffeId::Parse(leaf.uri_sans().front()));
  if (id.path().empty()) return Violation(leaf, "its SPIFFE ID has no path");
  if (leaf.is_ca()) return Violation(leaf, "a signing certificate does not authenticate");
  const auto& usage = leaf.key_usage();
  if (!usage.has_value() || !usage->critical) return Violation(leaf, "no critical key usage");
  if (!usage->digital_signature) return Violation(leaf, "no digitalSignature");
  if (usage->key_cert_sign || usage->crl_sign) return Violation(leaf, "keyCertSign or cRLSign");
  const auto& extended = leaf.ext_key_usage();
  if (extended.has_value() && !(extended->server_auth && extended->client_auth)) {
    return Violation(leaf, "extended key usage without both serverAuth and clientAuth");
  }
  if (leaf.unknown_critical_extension()) return Violation(leaf, "unknown critical extension");
  if (!leaf.public_key().ok()) return Violation(leaf, Message(leaf.public_key().status()));
  return id;
}

absl::Status CheckSigningProfile(const crypto::Certificate& authority) {
  if (!authority.is_ca()) return Violation(authority, "cA is not set");
  const auto& usage = authority.key_usage();
  if (!usage.has_value() || !usage->critical || !usage->key_cert_sign) {
    return Violation(authority, "no critical key usage with keyCertSign");
  }
  if (authority.uri_sans().size() > 1) return Violation(authority, "more than one URI name");
  for (const std::string& uri : authority.uri_sans()) {
    const absl::StatusOr<SpiffeId> id = SpiffeId::Parse(uri);
    if (id.ok() && !id->path().empty()) return Violation(authority, "its SPIFFE ID has a path");
  }
  return absl::OkStatus();
}

}  // namespace omninode::identity
