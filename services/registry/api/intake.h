#ifndef OMNINODE_SERVICES_REGISTRY_API_INTAKE_H_
#define OMNINODE_SERVICES_REGISTRY_API_INTAKE_H_

#include <functional>
#include <string>
#include <vector>

#include "services/registry/admission/admission.h"
#include "services/registry/admission/in_flight.h"
#include "services/registry/sequencer/command_sink.h"

namespace omninode::registry {

// The way of a signed envelope from the API to its answer: a place in flight, admission, the
// sequencer. Thread-safe.
class Intake final {
 public:
  struct Deps {
    // Why this instance takes no writes now (trust too old, stopping), or OK.
    std::function<absl::Status()> writable;
    InFlight& in_flight;
    const Admission& admission;
    CommandSink& sink;
  };

  explicit Intake(Deps deps) : deps_(std::move(deps)) {}

  // `done` is called exactly once, on any thread, possibly before Submit returns.
  void Submit(AdmissionRequest request, CommandCompletion done) const;
  // The same for a command that needs no admission.
  void Submit(Command command, Urgency urgency, CommandCompletion done) const;

 private:
  const Deps deps_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_INTAKE_H_
