#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_ADMISSION_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_ADMISSION_H_

#include <functional>
#include <string>
#include <vector>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>

#include "common/identity/trust_source.h"
#include "common/time/clock.h"
#include "services/registry/admission/policy_gate.h"
#include "services/registry/admission/verifier.h"
#include "services/registry/topology/command.h"

namespace omninode::registry {

struct AdmissionRequest {
  std::string envelope;  // a serialized SignedEnvelope
  envelope::EventType expected;
  Submitter submitter;
};

// One result per request, in order: a command for the sequencer, or the rejection.
using AdmissionCompletion = absl::AnyInvocable<void(std::vector<absl::StatusOr<Command>>) &&>;

// May this enter? Verifies envelopes and asks policy; what comes out only waits for its turn.
// Thread-safe. Takes batches and answers by completion; a unary call is a batch of one.
class Admission final {
 public:
  struct Deps {
    const Clock& clock;
    const identity::TrustSource& trust;
    const Verifier& verifier;
    PolicyGate& policy;
  };

  explicit Admission(Deps deps) : deps_(deps) {}

  // Verifies on the calling thread. `done` is called exactly once, on any thread, possibly before
  // Admit returns. Policy is not asked about tombstones: leaving needs no permission.
  void Admit(std::vector<AdmissionRequest> batch, AdmissionCompletion done) const;

 private:
  const Deps deps_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_ADMISSION_H_
