#include "services/registry/api/beat_desk.h"

#include <set>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/status.h"
#include "common/envelope/beat_mac.h"
#include "common/envelope/type_codec.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "services/registry/lease/lease_key.h"

namespace omninode::registry {
namespace {

// Why a beat is refused before the lease table sees it.
struct Refusal {
  Reason reason;
  v1::BeatOutcome outcome;
};

v1::BeatOutcome OutcomeOf(BeatVerdict verdict) {
  switch (verdict) {
    case BeatVerdict::kOk:
    case BeatVerdict::kOkHealthChanged:
      return v1::BEAT_OUTCOME_OK;
    case BeatVerdict::kUnknown:
      return v1::BEAT_OUTCOME_REREGISTER;
    case BeatVerdict::kStale:
      return v1::BEAT_OUTCOME_STALE;
  }
  return v1::BEAT_OUTCOME_UNSPECIFIED;
}

}  // namespace

// Leases whose change of health is on its way through the sequencer.
class BeatDesk::Pending final {
 public:
  // False when there is one already.
  bool Add(const NamespaceName& ns, LeaseHandle handle) {
    MutexLock lock(mutex_);
    return leases_.emplace(ns, handle).second;
  }
  void Remove(const NamespaceName& ns, LeaseHandle handle) {
    MutexLock lock(mutex_);
    leases_.erase({ns, handle});
  }

 private:
  Mutex mutex_;
  std::set<std::pair<NamespaceName, LeaseHandle>> leases_ ABSL_GUARDED_BY(mutex_);
};

BeatDesk::BeatDesk(Deps deps) : deps_(std::move(deps)), pending_(std::make_shared<Pending>()) {}

absl::Status BeatDesk::Take(const rpc::Caller& caller, const envelope::v1::HeartbeatBatch& batch,
                            v1::HeartbeatResponse* response) {
  const bool is_agent = caller.principal().kind() == identity::Principal::Kind::kAgent;
  // Agents belong to no namespace: the key of each lease says whether they may beat for it.
  OMNI_ASSIGN_OR_RETURN(
      const NamespaceName ns,
      is_agent ? NamespaceName::Parse(batch.namespace_())
               : rpc::AccessibleNamespace(caller, batch.namespace_(), rpc::Access::kWrite));
  if (batch.beats_size() > kMaxBeats) {
    return Reject(Reason::kArgumentInvalid, "batch.beats: at most {}", kMaxBeats);
  }
  const std::string caller_id = caller.id().ToString();

  std::vector<LeaseBeat> beats;
  std::vector<int> places;
  std::vector<LeaseInfoPtr> leases;
  for (int i = 0; i < batch.beats_size(); ++i) {
    const envelope::v1::Beat& beat = batch.beats(i);
    v1::BeatResult* result = response->add_results();
    result->set_lease_handle(beat.lease_handle());
    const auto health = envelope::Decode(beat.health());
    const LeaseInfoPtr lease = deps_.leases.Find(ns, LeaseHandle::FromValue(beat.lease_handle()));
    std::optional<Refusal> refusal;
    if (lease == nullptr) {
      refusal = {Reason::kLeaseUnknown, v1::BEAT_OUTCOME_REREGISTER};
    } else if (!is_agent && caller_id != lease->spiffe_id) {
      refusal = {Reason::kSubjectMismatch, v1::BEAT_OUTCOME_FORBIDDEN};
    } else if (!health.ok() ||
               !envelope::VerifyBeatMac(
                   LeaseKey(deps_.shard_secret, lease->node, lease->incarnation, lease->handle),
                   {deps_.network, ns, beat.lease_handle(), beat.sequence(), *health},
                   beat.mac())) {
      // An agent could otherwise tell which leases there are.
      refusal = {Reason::kMacInvalid,
                 is_agent ? v1::BEAT_OUTCOME_REREGISTER : v1::BEAT_OUTCOME_MAC_INVALID};
    }
    if (refusal.has_value()) {
      result->set_outcome(refusal->outcome);
      deps_.on_refused(caller, ns, refusal->reason);
      continue;
    }
    beats.push_back({lease->handle, beat.sequence(), *health});
    places.push_back(i);
    leases.push_back(lease);
  }

  const auto verdicts = deps_.leases.BeatAll(ns, beats, deps_.clock.Monotonic(), deps_.clock.Now());
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    response->mutable_results(places[i])->set_outcome(OutcomeOf(verdicts[i]));
    if (verdicts[i] == BeatVerdict::kStale) deps_.on_refused(caller, ns, Reason::kStaleSequence);
    // Being removed at this moment.
    if (verdicts[i] == BeatVerdict::kUnknown) deps_.on_refused(caller, ns, Reason::kLeaseUnknown);
    if (verdicts[i] != BeatVerdict::kOkHealthChanged) continue;
    // Not awaited: a change that is left out now is reported again by the next beat.
    const LeaseHandle handle = leases[i]->handle;
    if (!pending_->Add(ns, handle)) continue;
    deps_.intake.Submit(HealthCommand{leases[i]->node, handle, beats[i].health}, Urgency::kData,
                        [pending = pending_, ns, handle](const absl::StatusOr<Answer>&) {
                          pending->Remove(ns, handle);
                        });
  }
  return absl::OkStatus();
}

}  // namespace omninode::registry
