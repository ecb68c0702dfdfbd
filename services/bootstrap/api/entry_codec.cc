#include "services/bootstrap/api/entry_codec.h"

#include <string>
#include <vector>

#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"

namespace omninode::bootstrap {
namespace {

constexpr std::size_t kMaxShownBytes = 64;

absl::StatusOr<absl::Duration> DecodeTtl(const v1::Entry& entry) {
  if (!entry.has_svid_ttl()) return kDefaultSvidTtl;
  const auto ttl = envelope::Decode(entry.svid_ttl());
  if (!ttl.ok()) return AtField(ttl.status(), "entry.svid_ttl");
  return ttl;
}

std::vector<std::string> DnsNames(const v1::Entry& entry) {
  return {entry.dns_names().begin(), entry.dns_names().end()};
}

}  // namespace

v1::Entry Encode(const Entry& entry) {
  v1::Entry message;
  message.set_entry_id(entry.id());
  message.set_spiffe_id_pattern(entry.pattern().ToString());
  *message.mutable_svid_ttl() = envelope::Encode(entry.svid_ttl());
  for (const std::string& name : entry.dns_names()) message.add_dns_names(name);
  *message.mutable_created_at() = envelope::Encode(entry.created_at());
  return message;
}

absl::StatusOr<EntryDesk::EntrySpec> Decode(const v1::CreateEntryRequest& request) {
  OMNI_ASSIGN_OR_RETURN(const absl::Duration ttl, DecodeTtl(request.entry()));
  return EntryDesk::EntrySpec{request.entry().spiffe_id_pattern(), ttl, DnsNames(request.entry())};
}

absl::StatusOr<EntryDesk::EntryUpdate> Decode(const v1::UpdateEntryRequest& request) {
  bool take_ttl = !request.has_update_mask();
  bool take_names = !request.has_update_mask();
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "svid_ttl") {
      take_ttl = true;
    } else if (path == "dns_names") {
      take_names = true;
    } else {
      return AtField(
          Reject(Reason::kArgumentInvalid, "{} cannot be changed; svid_ttl and dns_names can",
                 EscapeForDisplay(path, kMaxShownBytes)),
          "update_mask");
    }
  }
  EntryDesk::EntryUpdate update;
  if (take_ttl) {
    OMNI_ASSIGN_OR_RETURN(update.svid_ttl, DecodeTtl(request.entry()));
  }
  if (take_names) update.dns_names = DnsNames(request.entry());
  return update;
}

v1::CreateJoinTokenResponse Encode(const NewJoinToken& token, const identity::TrustBundle& bundle,
                                   const NetworkMap& network) {
  v1::CreateJoinTokenResponse message;
  message.set_token_id(token.token.id);
  message.set_token(token.seed);
  *message.mutable_expires_at() = envelope::Encode(token.token.expires_at);
  message.set_attestor_address(network.attestor_address);
  message.set_trust_domain(network.trust_domain.name());
  for (const crypto::Certificate& root : bundle.roots()) message.add_x509_authorities(root.der());
  return message;
}

}  // namespace omninode::bootstrap
