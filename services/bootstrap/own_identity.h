#ifndef OMNINODE_SERVICES_BOOTSTRAP_OWN_IDENTITY_H_
#define OMNINODE_SERVICES_BOOTSTRAP_OWN_IDENTITY_H_

#include <memory>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/static_source.h"
#include "common/telemetry/log.h"
#include "common/time/backoff.h"
#include "common/time/clock.h"
#include "services/bootstrap/desk/identity_desk.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

// The bootstrap service's own SVID: issued by itself to itself, with a record like any other's, and
// anew at half of its life or when it was revoked. The key never leaves the process. Thread-safe;
// owns a thread. What Deps refers to outlives it.
class OwnIdentity final {
 public:
  struct Deps {
    identity::SpiffeId id;
    IdentityDesk& desk;
    TrustLedger& ledger;
    const Clock& clock;
    telemetry::Logger& logger;
  };

  // Issues the first. Fails as IdentityDesk::IssueLocal.
  static absl::StatusOr<std::unique_ptr<OwnIdentity>> Create(Deps deps);

  identity::SvidSource& svids() { return svids_; }

  // When an SVID that was issued then should be replaced: in the middle of what was left of it. The
  // time before, by which it was backdated for others' clocks, may be longer than its life. Pure.
  static absl::Time RenewalTime(absl::Time issued_at, absl::Time not_after) {
    return issued_at + (not_after - issued_at) / 2;
  }

 private:
  struct Issued {
    identity::X509SvidPtr svid;
    absl::Time at;
  };

  OwnIdentity(Deps deps, Issued first);
  static absl::StatusOr<Issued> Issue(const Deps& deps);
  absl::Duration Step();

  const Deps deps_;
  identity::StaticSvidSource svids_;
  absl::Time issued_at_;  // renewal_ only, as the next
  Backoff backoff_;
  PeriodicTask renewal_;
  Subscription changes_;  // after what it kicks
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_OWN_IDENTITY_H_
