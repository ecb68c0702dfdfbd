#include "services/registry/api/intake.h"

#include <utility>

namespace omninode::registry {
namespace {

std::vector<Submission> One(Command command, CommandCompletion done) {
  std::vector<Submission> batch;
  batch.push_back({std::move(command), std::move(done)});
  return batch;
}

}  // namespace

void Intake::Submit(AdmissionRequest request, CommandCompletion done) const {
  if (absl::Status writable = deps_.writable(); !writable.ok()) {
    return std::move(done)(std::move(writable));
  }
  auto ticket = deps_.in_flight.Enter();
  if (!ticket.ok()) return std::move(done)(ticket.status());
  // The place is given back with the completion, whatever the outcome.
  CommandCompletion counted = [ticket = *std::move(ticket),
                               done = std::move(done)](absl::StatusOr<Answer> answer) mutable {
    std::move(done)(std::move(answer));
  };
  std::vector<AdmissionRequest> batch;
  batch.push_back(std::move(request));
  deps_.admission.Admit(
      std::move(batch),
      [this, counted = std::move(counted)](std::vector<absl::StatusOr<Command>> results) mutable {
        if (!results.front().ok()) {
          return std::move(counted)(results.front().status());
        }
        deps_.sink.Submit(One(*std::move(results.front()), std::move(counted)), Urgency::kData);
      });
}

void Intake::Submit(Command command, Urgency urgency, CommandCompletion done) const {
  if (absl::Status writable = deps_.writable(); !writable.ok()) {
    return std::move(done)(std::move(writable));
  }
  deps_.sink.Submit(One(std::move(command), std::move(done)), urgency);
}

}  // namespace omninode::registry
