#ifndef OMNINODE_COMMON_NODE_EVIDENCE_CHECK_H_
#define OMNINODE_COMMON_NODE_EVIDENCE_CHECK_H_

#include <optional>

#include <absl/status/status.h>

#include "common/base/names.h"
#include "common/directory/node_view.h"
#include "common/envelope/raw_envelope.h"
#include "common/identity/trust_state.h"

namespace omninode::node {

// Whether the node itself said what the registry says of it: the envelope is signed by a
// certificate of that node which was valid when it signed and is not revoked now, for this network
// and namespace, and describes the node as `node` does. Health is left out, because heartbeats
// change it, and so is the lease time asked for, which the registry does not repeat. Pure; some
// 300 us. Fails with
//   IDENTITY_MISSING   there is no evidence, or it does not carry its certificates;
//   CERT_PROFILE, as envelope::VerifyAndDecode and identity::VerifySvid;
//   MSG_MALFORMED      it is not an introspection, or cannot be read;
//   AUDIENCE_MISMATCH  it was signed for somebody else;
//   SUBJECT_MISMATCH   it was signed by, or speaks of, another node, or says something else.
absl::Status CheckEvidence(const std::optional<envelope::RawEnvelope>& evidence,
                           const directory::NodeView& node, const NetworkId& network,
                           const identity::TrustState& trust);

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_EVIDENCE_CHECK_H_
