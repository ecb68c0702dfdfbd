#include "tools/omnictl/bootstrap_admin_codec.h"

#include <utility>

#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/certificate.h"
#include "common/crypto/key.h"
#include "common/envelope/type_codec.h"

namespace omninode::omnictl {
namespace {

namespace v1 = bootstrap::v1;

// An absent time is the epoch: old records may lack it, and nothing is decided by it here.
absl::StatusOr<absl::Time> TimeAt(const google::protobuf::Timestamp& timestamp,
                                  std::string_view field) {
  auto time = envelope::Decode(timestamp);
  if (!time.ok()) return AtField(time.status(), field);
  return time;
}

}  // namespace

v1::Entry Encode(const Entry& entry) {
  v1::Entry message;
  message.set_entry_id(entry.entry_id);
  message.set_spiffe_id_pattern(entry.spiffe_id_pattern);
  if (entry.svid_ttl.has_value()) *message.mutable_svid_ttl() = envelope::Encode(*entry.svid_ttl);
  for (const std::string& name : entry.dns_names) message.add_dns_names(name);
  return message;
}

absl::StatusOr<Entry> Decode(const v1::Entry& message) {
  Entry entry{.entry_id = message.entry_id(),
              .spiffe_id_pattern = message.spiffe_id_pattern(),
              .dns_names = {message.dns_names().begin(), message.dns_names().end()}};
  if (message.has_svid_ttl()) {
    auto ttl = envelope::Decode(message.svid_ttl());
    if (!ttl.ok()) return AtField(ttl.status(), "svid_ttl");
    entry.svid_ttl = *ttl;
  }
  OMNI_ASSIGN_OR_RETURN(entry.created_at, TimeAt(message.created_at(), "created_at"));
  return entry;
}

absl::StatusOr<enrollment::TokenFile> Decode(const v1::CreateJoinTokenResponse& message,
                                             std::string_view spiffe_id) {
  if (message.token().size() != crypto::PrivateKey::kSeedBytes) {
    return AtField(Reject(Reason::kMsgMalformed, "not of {} bytes", crypto::PrivateKey::kSeedBytes),
                   "token");
  }
  auto domain = identity::TrustDomain::Parse(message.trust_domain());
  if (!domain.ok()) return AtField(domain.status(), "trust_domain");
  std::vector<crypto::Certificate> roots;
  for (const std::string& der : message.x509_authorities()) {
    auto root = crypto::Certificate::FromDer(der);
    if (!root.ok()) return AtField(root.status(), "x509_authorities");
    roots.push_back(*std::move(root));
  }
  auto bundle = identity::TrustBundle::Create(*std::move(domain), std::move(roots));
  if (!bundle.ok()) return AtField(bundle.status(), "x509_authorities");
  OMNI_ASSIGN_OR_RETURN(const absl::Time expires_at, TimeAt(message.expires_at(), "expires_at"));
  return enrollment::TokenFile{.attestor_address = message.attestor_address(),
                               .bundle = *std::move(bundle),
                               .token_id = message.token_id(),
                               .token = message.token(),
                               .spiffe_id = std::string(spiffe_id),
                               .expires_at = omninode::FormatTime(expires_at)};
}

Propagation Decode(const v1::TrustPropagation& message) {
  return {.sequence = message.sequence(),
          .applied = {message.applied().begin(), message.applied().end()},
          .lagging = {message.lagging().begin(), message.lagging().end()}};
}

absl::StatusOr<RevocationRecord> Decode(const v1::Revocation& message) {
  RevocationRecord record{.reason_text = message.reason_text(), .actor = message.actor()};
  OMNI_ASSIGN_OR_RETURN(record.time, TimeAt(message.time(), "time"));
  switch (message.what_case()) {
    case v1::Revocation::kCertificate: {
      record.spiffe_id = message.certificate().spiffe_id();
      record.serial = HexEncode(message.certificate().serial());
      OMNI_ASSIGN_OR_RETURN(record.expires_at,
                            TimeAt(message.certificate().expires_at(), "certificate.expires_at"));
      return record;
    }
    case v1::Revocation::kIdentity:
      record.spiffe_id = message.identity().spiffe_id();
      return record;
    case v1::Revocation::WHAT_NOT_SET:
      return AtField(Reject(Reason::kMsgMalformed, "neither a certificate nor an identity"),
                     "what");
  }
  return AtField(Reject(Reason::kMsgMalformed, "neither a certificate nor an identity"), "what");
}

}  // namespace omninode::omnictl
