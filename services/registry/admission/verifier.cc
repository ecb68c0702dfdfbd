#include "services/registry/admission/verifier.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/envelope/open.h"
#include "common/envelope/raw_envelope.h"
#include "common/identity/principal.h"
#include "common/identity/verifier.h"
#include "services/registry/admission/clock_rule.h"

namespace omninode::registry {
namespace {

absl::Status CheckSubmitter(const Submitter& submitter, const envelope::RawEnvelope& raw) {
  if (submitter.carries_for_others || submitter.id.ToString() == raw.spiffe_id) {
    return absl::OkStatus();
  }
  return Reject(Reason::kIdentityMismatch, "the caller may not submit an envelope of another node");
}

// The names in the message must be those of the identity that signed it.
absl::Status CheckSubject(const identity::VerifiedSvid& signer, const NamespaceName& ns,
                          const NodeType& type, const NodeId& id) {
  const auto node =
      signer.principal.has_value() ? identity::AsNode(*signer.principal) : std::nullopt;
  if (!node.has_value()) {
    return Reject(Reason::kSubjectMismatch, "'{}' is not the identity of a node",
                  signer.id.ToString());
  }
  if (node->namespace_name != ns) {
    return Reject(Reason::kNsForbidden, "'{}' is not of namespace '{}'", signer.id.ToString(),
                  ns.value());
  }
  if (node->type != type || node->id != id) {
    return Reject(Reason::kSubjectMismatch, "'{}' may not speak for node '{}' of type '{}'",
                  signer.id.ToString(), id.value(), type.value());
  }
  return absl::OkStatus();
}

absl::Status CheckAudience(const envelope::Body& body, envelope::EventType expected,
                           const NetworkId& network) {
  if (body.type != expected) {
    return Reject(Reason::kAudienceMismatch, "the envelope was signed for another purpose");
  }
  if (body.audience.network_id != network) {
    return Reject(Reason::kAudienceMismatch, "the envelope was signed for network '{}'",
                  body.audience.network_id.value());
  }
  return absl::OkStatus();
}

struct Subject {
  directory::NodeRef ref;
  NodeType type;
};

Subject SubjectOf(const directory::Introspection& introspection) {
  return {introspection.ref(), introspection.node_type()};
}
Subject SubjectOf(const envelope::TombstonePayload& tombstone) {
  return {{tombstone.ns, tombstone.node_id}, tombstone.node_type};
}

using Payload = std::variant<directory::Introspection, envelope::TombstonePayload>;

absl::StatusOr<Payload> DecodePayload(const envelope::Body& body) {
  constexpr auto kStrict = envelope::Strictness::kRefuseUnknown;
  if (body.type == envelope::EventType::kNodeIntrospection) {
    return envelope::DecodeIntrospection(body.payload, kStrict);
  }
  return envelope::DecodeTombstone(body.payload, kStrict);
}

}  // namespace

absl::StatusOr<VerifiedEnvelope> Verifier::Verify(std::string_view envelope_bytes,
                                                  envelope::EventType expected,
                                                  const Submitter& submitter,
                                                  const identity::TrustState& trust,
                                                  absl::Time now) const {
  OMNI_ASSIGN_OR_RETURN(envelope::RawEnvelope raw, envelope::DecodeRawEnvelope(envelope_bytes));
  OMNI_RETURN_IF_ERROR(CheckSubmitter(submitter, raw));
  if (raw.certificates_der.empty()) {
    return Reject(Reason::kMsgMalformed, "security.svid_certificates: the leaf is missing");
  }
  const crypto::Sha256Digest fingerprint = crypto::Sha256(raw.certificates_der.front());
  OMNI_ASSIGN_OR_RETURN(const auto signer, signers_.Get(fingerprint, trust, now, [&] {
    return identity::VerifySvid(raw.certificates_der, trust, now);
  }));
  if (signer->id.trust_domain() != options_.trust_domain) {
    return Reject(Reason::kTdMismatch, "'{}' is not of this network's trust domain",
                  signer->id.ToString());
  }
  constexpr auto kStrict = envelope::Strictness::kRefuseUnknown;
  OMNI_ASSIGN_OR_RETURN(envelope::Body body,
                        envelope::VerifyAndDecode(raw, signer->leaf(), kStrict));
  OMNI_RETURN_IF_ERROR(CheckAudience(body, expected, options_.network));
  OMNI_ASSIGN_OR_RETURN(Payload payload, DecodePayload(body));
  const Subject subject = std::visit([](const auto& p) { return SubjectOf(p); }, payload);
  if (body.audience.ns != subject.ref.ns) {
    return Reject(Reason::kAudienceMismatch, "the envelope was signed for namespace '{}'",
                  body.audience.ns.value());
  }
  OMNI_RETURN_IF_ERROR(CheckSubject(*signer, subject.ref.ns, subject.type, subject.ref.id));

  // The certificates that were verified. Behind a leaf that was in the cache the envelope may carry
  // anything, and evidence must hold for those who verify it later.
  CertificateChain chain{fingerprint, {}};
  for (const crypto::Certificate& certificate : signer->chain) {
    chain.der.push_back(certificate.der());
  }
  Admitted admitted{
      .node = subject.ref,
      .type = subject.type,
      .sequence = body.sequence,
      .digest = envelope::ContentDigest(body),
      .evidence = std::make_shared<const Evidence>(
          Evidence{std::move(raw.body), std::move(raw.signature), raw.algorithm,
                   std::make_shared<const CertificateChain>(std::move(chain))}),
      .signer = {signer->id.ToString(), identity::Revocations::KeyOf(signer->leaf()),
                 signer->leaf().not_before()},
      .submitter = submitter.id.ToString(),
      .signed_at = body.signed_at,
      .clock = JudgeTimes({body.signed_at, body.sequence, signer->leaf().not_before()}, now,
                          options_.max_clock_skew),
      .decision = {},
      .correlation_id = std::move(body.correlation_id)};
  return VerifiedEnvelope{std::move(admitted), signer->id, std::move(payload)};
}

}  // namespace omninode::registry
