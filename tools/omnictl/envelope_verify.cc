#include "tools/omnictl/envelope_verify.h"

#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/envelope/display.h"
#include "common/envelope/open.h"
#include "common/envelope/payload.h"
#include "common/identity/principal.h"

namespace omninode::omnictl {
namespace {

absl::StatusOr<identity::NodeIdentity> SubjectOf(const envelope::Body& body) {
  constexpr auto kStrictness = envelope::Strictness::kIgnoreUnknown;
  switch (body.type) {
    case envelope::EventType::kNodeIntrospection: {
      OMNI_ASSIGN_OR_RETURN(const auto introspection,
                            envelope::DecodeIntrospection(body.payload, kStrictness));
      return identity::NodeIdentity{introspection.ns(), introspection.node_type(),
                                    introspection.node_id()};
    }
    case envelope::EventType::kNodeTombstone: {
      OMNI_ASSIGN_OR_RETURN(auto tombstone, envelope::DecodeTombstone(body.payload, kStrictness));
      return identity::NodeIdentity{std::move(tombstone.ns), std::move(tombstone.node_type),
                                    std::move(tombstone.node_id)};
    }
  }
  OMNI_CHECK(false);
}

absl::Status CheckSubject(const envelope::Body& body, const identity::SpiffeId& signer) {
  OMNI_ASSIGN_OR_RETURN(const identity::NodeIdentity subject, SubjectOf(body));
  if (subject.namespace_name != body.audience.ns) {
    return Reject(Reason::kAudienceMismatch, "made for namespace '{}', but about a node of '{}'",
                  body.audience.ns.value(), subject.namespace_name.value());
  }
  const identity::SpiffeId expected = NodeSpiffeId(signer.trust_domain(), subject);
  if (expected == signer) return absl::OkStatus();
  return Reject(Reason::kSubjectMismatch, "signed by '{}', but about '{}'", signer.ToString(),
                expected.ToString());
}

}  // namespace

absl::StatusOr<EnvelopeFile> ParseEnvelopeFile(std::string_view bytes) {
  // A serialized envelope begins with a line feed (the tag of its first field) and the length 3.
  if (Trim(bytes).starts_with('{')) {
    OMNI_ASSIGN_OR_RETURN(auto envelope, envelope::ParseDisplay(bytes));
    return EnvelopeFile{std::move(envelope), std::string(bytes)};
  }
  OMNI_ASSIGN_OR_RETURN(auto envelope, envelope::DecodeRawEnvelope(bytes));
  return EnvelopeFile{std::move(envelope), ""};
}

absl::StatusOr<VerifiedEnvelope> VerifyEnvelope(const EnvelopeFile& file,
                                                const identity::TrustState& trust) {
  const auto& ders = file.envelope.certificates_der;
  if (ders.empty()) {
    return Reject(Reason::kIdentityMissing, "the envelope does not carry its certificate");
  }
  OMNI_ASSIGN_OR_RETURN(const auto leaf, crypto::Certificate::FromDer(ders.front()));
  // The signature comes first only because the time of signing is in the signed bytes; nothing of
  // them is believed before the certificate is.
  OMNI_ASSIGN_OR_RETURN(
      envelope::Body body,
      envelope::VerifyAndDecode(file.envelope, leaf, envelope::Strictness::kIgnoreUnknown));
  OMNI_ASSIGN_OR_RETURN(identity::VerifiedSvid signer,
                        identity::VerifySvid(ders, trust, body.signed_at));
  OMNI_RETURN_IF_ERROR(CheckSubject(body, signer.id));
  if (!file.json.empty()) {
    OMNI_RETURN_IF_ERROR(envelope::CheckDisplay(file.json, file.envelope));
  }
  return VerifiedEnvelope{std::move(body), std::move(signer)};
}

}  // namespace omninode::omnictl
