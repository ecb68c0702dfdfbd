#include "services/registry/admission/admission.h"

#include <memory>
#include <utility>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

Command LeaveOf(VerifiedEnvelope&& verified, envelope::TombstonePayload&& payload) {
  return LeaveCommand{std::move(verified.admitted), payload.final_health,
                      std::move(payload.reason_text)};
}

// Registrations between verification and the policy's answer.
struct Pending {
  std::vector<absl::StatusOr<Command>> results;
  std::vector<std::size_t> asked;  // places in `results` that wait for a decision, in order
  AdmissionCompletion done;

  void Decided(std::vector<absl::StatusOr<Decision>> decisions) {
    for (std::size_t i = 0; i < asked.size(); ++i) {
      absl::StatusOr<Command>& result = results[asked[i]];
      if (i >= decisions.size()) {
        result = Reject(Reason::kInternal, "the policy gave too few answers");
      } else if (!decisions[i].ok()) {
        result = decisions[i].status();
      } else {
        std::get<RegisterCommand>(*result).admitted.decision = *std::move(decisions[i]);
      }
    }
    std::move(done)(std::move(results));
  }
};

}  // namespace

void Admission::Admit(std::vector<AdmissionRequest> batch, AdmissionCompletion done) const {
  auto pending = std::make_shared<Pending>();
  pending->done = std::move(done);
  pending->results.reserve(batch.size());
  std::vector<PolicyQuery> queries;
  const auto trust = deps_.trust.Current();
  const absl::Time now = deps_.clock.Now();
  if (trust == nullptr) {
    pending->results.assign(batch.size(), Reject(Reason::kTrustStale, "nobody is trusted yet"));
    return pending->Decided({});
  }
  for (const AdmissionRequest& request : batch) {
    auto verified =
        deps_.verifier.Verify(request.envelope, request.expected, request.submitter, *trust, now);
    if (!verified.ok()) {
      pending->results.push_back(verified.status());
      continue;
    }
    if (auto* tombstone = std::get_if<envelope::TombstonePayload>(&verified->payload)) {
      auto payload = std::move(*tombstone);
      pending->results.push_back(LeaveOf(*std::move(verified), std::move(payload)));
      continue;
    }
    auto& introspection = std::get<directory::Introspection>(verified->payload);
    queries.push_back({verified->subject, introspection});
    pending->asked.push_back(pending->results.size());
    pending->results.push_back(
        Command(RegisterCommand{std::move(verified->admitted), std::move(introspection)}));
  }
  if (queries.empty()) return pending->Decided({});
  deps_.policy.Decide(std::move(queries),
                      [pending](std::vector<absl::StatusOr<Decision>> decisions) {
                        pending->Decided(std::move(decisions));
                      });
}

}  // namespace omninode::registry
