#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_VERIFIER_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_VERIFIER_H_

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/payload.h"
#include "common/identity/certificate_cache.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/trust_state.h"
#include "services/registry/topology/command.h"

namespace omninode::registry {

// Who handed an envelope in, as TLS proved it.
struct Submitter {
  identity::SpiffeId id;
  // Agents and registry instances carry envelopes of others; the signature decides who speaks.
  bool carries_for_others = false;
};

// An envelope whose signature, signer and subject are proved.
struct VerifiedEnvelope {
  Admitted admitted;  // without decision
  identity::SpiffeId subject;
  std::variant<directory::Introspection, envelope::TombstonePayload> payload;
};

// The stages of admission that need nothing but the bytes, the trust and the time; cheap ones
// first, and nothing is parsed before its signature holds (G27). Thread-safe.
//
// Order: size and shape; the TLS peer may submit this; certificate (cached), its chain, profile,
// life and revocation; signature over the received bytes; body; purpose and audience; payload;
// SPIFFE ID equals namespace, type and id. Whether the clock is good is only noted: a known retry
// may be old.
class Verifier final {
 public:
  struct Options {
    NetworkId network;
    identity::TrustDomain trust_domain;
    absl::Duration max_clock_skew = absl::Seconds(120);
  };

  Verifier(Options options, identity::CertificateCache& signers)
      : options_(std::move(options)), signers_(signers) {}

  absl::StatusOr<VerifiedEnvelope> Verify(std::string_view envelope_bytes,
                                          envelope::EventType expected, const Submitter& submitter,
                                          const identity::TrustState& trust, absl::Time now) const;

 private:
  const Options options_;
  identity::CertificateCache& signers_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_VERIFIER_H_
