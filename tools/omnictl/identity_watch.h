#ifndef OMNINODE_TOOLS_OMNICTL_IDENTITY_WATCH_H_
#define OMNINODE_TOOLS_OMNICTL_IDENTITY_WATCH_H_

#include <functional>
#include <optional>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"
#include "common/time/clock.h"

namespace omninode::omnictl {

// Whether an identity that is refused for `reason` stays refused whatever the process does: it was
// revoked, is banned, or has expired and cannot renew itself any more.
bool IsOver(std::optional<Reason> reason);

// OK while `svid` can be used; else one of the reasons of IsOver. Pure.
absl::Status JudgeOwn(const identity::X509Svid& svid, const identity::TrustState& trust,
                      absl::Time now);

// Notices that the identity of this process is over, by what it knows itself (at every change of
// its trust, and every second for the clock) and by what services answer. What they answer about a
// certificate that was replaced meanwhile does not count.
//
// Thread-safe. Sources and clock outlive it. `on_over` is called once, on the watch's thread or
// within Heard.
class IdentityWatch final {
 public:
  struct Deps {
    const Clock& clock;
    identity::SvidSource& svids;
    identity::TrustSource& trust;
    // What bootstrap answers to the current certificate (Membership::Refusal). May be empty.
    std::function<absl::Status()> refusal = {};
  };
  IdentityWatch(const Deps& deps, std::function<void(absl::Status)> on_over);
  IdentityWatch(const IdentityWatch&) = delete;
  IdentityWatch& operator=(const IdentityWatch&) = delete;

  // The current certificate was accepted.
  void Accepted();
  // A service refused something, or nobody answered.
  void Heard(const absl::Status& status);

 private:
  absl::Duration Step();
  void Over(const absl::Status& status);

  const Deps deps_;
  const std::function<void(absl::Status)> on_over_;
  Mutex mutex_;
  identity::X509SvidPtr accepted_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  PeriodicTask task_;
  Subscription changes_;  // last: kicks the task
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_IDENTITY_WATCH_H_
