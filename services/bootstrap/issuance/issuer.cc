#include "services/bootstrap/issuance/issuer.h"

#include "common/base/status.h"
#include "common/crypto/random.h"
#include "services/bootstrap/issuance/issue_rules.h"

namespace omninode::bootstrap {

absl::StatusOr<IssuedSvid> Issuer::Issue(const IssueRequest& request,
                                         std::optional<absl::Time> banned_at,
                                         absl::Time now) const {
  OMNI_RETURN_IF_ERROR(CheckIssuable(request.path, request.id, trust_domain_).status());
  OMNI_ASSIGN_OR_RETURN(const Validity validity,
                        ValidityOf(now, request.ttl, signer_.ca().not_after(), banned_at));
  OMNI_ASSIGN_OR_RETURN(crypto::Certificate leaf,
                        signer_.IssueLeaf({.uri = request.id.ToString(),
                                           .dns = request.dns_names,
                                           .key = request.key,
                                           .not_before = validity.not_before,
                                           .not_after = validity.not_after,
                                           .serial = crypto::RandomBytes(crypto::kSerialBytes)}));
  IssueRecord record{.serial = leaf.serial_hex(),
                     .id = request.id,
                     .key_fingerprint = request.key.fingerprint(),
                     .not_before = leaf.not_before(),
                     .not_after = leaf.not_after(),
                     .authority_key_id = leaf.authority_key_id(),
                     .path = request.path,
                     .actor = request.actor};
  return IssuedSvid{std::move(leaf), std::move(record)};
}

}  // namespace omninode::bootstrap
