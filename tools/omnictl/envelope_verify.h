#ifndef OMNINODE_TOOLS_OMNICTL_ENVELOPE_VERIFY_H_
#define OMNINODE_TOOLS_OMNICTL_ENVELOPE_VERIFY_H_

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "common/envelope/envelope_body.h"
#include "common/envelope/raw_envelope.h"
#include "common/identity/trust_state.h"
#include "common/identity/verifier.h"

// Signed messages in files. Pure.
namespace omninode::omnictl {

struct EnvelopeFile {
  envelope::RawEnvelope envelope;
  std::string json;  // the text, when the file was the form shown to people
};

// The JSON shown to people, or a serialized SignedEnvelope. Errors as envelope::ParseDisplay and
// envelope::DecodeRawEnvelope.
absl::StatusOr<EnvelopeFile> ParseEnvelopeFile(std::string_view bytes);

struct VerifiedEnvelope {
  envelope::Body body;
  identity::VerifiedSvid signer;
};

// Whether the envelope was signed, while its certificate was valid, by an identity that `trust`
// believes and that may speak for the node in it; and whether the text around it shows what was
// signed. Everything but the network is checked that a registry checks, as of the time of signing.
// Fails as envelope::VerifyAndDecode, identity::VerifySvid and envelope::CheckDisplay, with
// IDENTITY_MISSING when it carries no certificate, AUDIENCE_MISMATCH or SUBJECT_MISMATCH.
absl::StatusOr<VerifiedEnvelope> VerifyEnvelope(const EnvelopeFile& file,
                                                const identity::TrustState& trust);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_ENVELOPE_VERIFY_H_
