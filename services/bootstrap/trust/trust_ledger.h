#ifndef OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_LEDGER_H_
#define OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_LEDGER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/concurrency/snapshot.h"
#include "common/concurrency/subscription.h"
#include "common/identity/trust_bundle.h"
#include "common/identity/trust_source.h"
#include "common/identity/trust_state.h"
#include "services/bootstrap/trust/trust_records.h"
#include "services/bootstrap/trust/trust_store.h"
#include "services/bootstrap/trust/turnstile.h"

namespace omninode::bootstrap {

// What is published: the state that verifiers use, and the records behind it with their reasons.
struct TrustView {
  TrustRecords records;
  identity::TrustStatePtr state;

  // When the identity's last ban began, if it was lifted: what is issued now must begin later.
  std::optional<absl::Time> LiftedBanOf(const identity::SpiffeId& id) const;
};
using TrustViewPtr = std::shared_ptr<const TrustView>;

// The network's trust, at its origin. Thread-safe; the store outlives it. Readers never wait;
// changes wait for each other. Subscribers are called within a change: they must not make one.
//
// A change fails with STORE_UNAVAILABLE, and then it is not published; asking again is safe. It
// fails with ARGUMENT_INVALID when there are identity::Revocations::kMaxEntries records.
class TrustLedger final : public identity::TrustSource {
 public:
  // Reads what is stored. A bundle other than before is a new sequence, and so is another
  // `announced`: what followers are told beside the trust, as any text that differs when it does.
  // `longest_leaf`: no leaf is issued for longer.
  static absl::StatusOr<std::unique_ptr<TrustLedger>> Create(identity::TrustBundle bundle,
                                                             absl::Duration longest_leaf,
                                                             TrustStore& store,
                                                             std::string_view announced = {});

  identity::TrustStatePtr Current() const override { return View()->state; }
  [[nodiscard]] Subscription Subscribe(Callback callback) override;
  TrustViewPtr View() const { return view_.Load(); }  // never null

  // Each returns the sequence that has it; when nothing had to change, the current one.
  absl::StatusOr<std::uint64_t> Revoke(const CertificateRevocation& revocation);
  absl::StatusOr<std::uint64_t> Ban(const identity::SpiffeId& id, const TrustOrder& order,
                                    absl::Time now);
  // OBJECT_UNKNOWN when the identity was not banned.
  absl::StatusOr<std::uint64_t> Unban(const identity::SpiffeId& id, absl::Time now);
  absl::StatusOr<std::uint64_t> Prune(absl::Time now);

 private:
  using Plan =
      absl::FunctionRef<absl::StatusOr<std::optional<TrustChange>>(const TrustRecords& records)>;

  TrustLedger(identity::TrustBundle bundle, absl::Duration longest_leaf, TrustStore& store);

  absl::StatusOr<TrustViewPtr> MakeView(TrustRecords records) const;
  void Publish(TrustViewPtr view);

  absl::StatusOr<std::uint64_t> Change(Plan plan);
  // These two are called in the caller's turn.
  absl::Status Reload();
  absl::StatusOr<std::uint64_t> Commit(const TrustChange& change);

  const identity::TrustBundle bundle_;
  const absl::Duration longest_leaf_;
  TrustStore& store_;
  Snapshot<TrustView> view_;
  Subscribers<identity::TrustStatePtr> subscribers_;
  Turnstile turnstile_;
  bool must_reload_ = true;  // touched in turns only: what is stored is not known
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_TRUST_TRUST_LEDGER_H_
