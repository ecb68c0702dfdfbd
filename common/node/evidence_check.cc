#include "common/node/evidence_check.h"

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/changed_fields.h"
#include "common/envelope/open.h"
#include "common/envelope/payload.h"
#include "common/identity/principal.h"
#include "common/identity/verifier.h"

namespace omninode::node {
namespace {

using envelope::Strictness;

absl::Status CheckSigner(const identity::VerifiedSvid& signer, const directory::NodeView& node) {
  std::optional<identity::NodeIdentity> speaker;
  if (signer.principal.has_value()) speaker = identity::AsNode(*signer.principal);
  const identity::NodeIdentity expected{node.ns(), node.node_type(), node.node_id()};
  if (speaker == expected) return absl::OkStatus();
  return Reject(Reason::kSubjectMismatch, "'{}' may not speak for node '{}'", signer.id.ToString(),
                node.node_id().value());
}

absl::Status CheckContent(const directory::Introspection& said, const directory::NodeView& node) {
  directory::NodeView as_said = node;
  as_said.introspection = said;
  directory::ChangedFields differing = ComputeChangedFields(as_said, node);
  differing.Remove(directory::ChangedField::kHealth);
  differing.Remove(directory::ChangedField::kTtl);
  if (said.ref() == node.ref() && differing.empty()) return absl::OkStatus();
  return Reject(Reason::kSubjectMismatch, "node '{}' did not say that of itself",
                node.node_id().value());
}

}  // namespace

absl::Status CheckEvidence(const std::optional<envelope::RawEnvelope>& evidence,
                           const directory::NodeView& node, const NetworkId& network,
                           const identity::TrustState& trust) {
  if (!evidence.has_value() || evidence->certificates_der.empty()) {
    return Reject(Reason::kIdentityMissing, "node '{}' comes without evidence",
                  node.node_id().value());
  }
  OMNI_ASSIGN_OR_RETURN(const auto leaf,
                        crypto::Certificate::FromDer(evidence->certificates_der.front()));
  // When it was signed stands in the signed bytes, so the signature comes before the chain here;
  // nothing is believed before both are good.
  OMNI_ASSIGN_OR_RETURN(const envelope::Body body,
                        envelope::VerifyAndDecode(*evidence, leaf, Strictness::kIgnoreUnknown));
  OMNI_ASSIGN_OR_RETURN(const auto signer,
                        identity::VerifySvid(evidence->certificates_der, trust, body.signed_at));
  OMNI_RETURN_IF_ERROR(CheckSigner(signer, node));
  if (body.audience != envelope::Audience{network, node.ns()}) {
    return Reject(Reason::kAudienceMismatch, "signed for {}/{}", body.audience.network_id.value(),
                  body.audience.ns.value());
  }
  if (body.type != envelope::EventType::kNodeIntrospection) {
    return Reject(Reason::kMsgMalformed, "evidence of a live node is not an introspection");
  }
  OMNI_ASSIGN_OR_RETURN(const auto said,
                        envelope::DecodeIntrospection(body.payload, Strictness::kIgnoreUnknown));
  return CheckContent(said, node);
}

}  // namespace omninode::node
