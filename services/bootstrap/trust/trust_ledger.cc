#include "services/bootstrap/trust/trust_ledger.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/base/status.h"
#include "common/crypto/digest.h"

namespace omninode::bootstrap {
namespace {

absl::StatusOr<identity::Revocations> RevocationsOf(const TrustRecords& records) {
  std::vector<identity::RevokedCertificate> certificates;
  certificates.reserve(records.revocations.size());
  for (const auto& [key, revocation] : records.revocations) {
    certificates.push_back(revocation.certificate);
  }
  std::vector<identity::Ban> bans;
  bans.reserve(records.bans.size());
  for (const auto& [id, ban] : records.bans) {
    bans.push_back({id, ban.banned_at, ban.lifted_at.has_value()});
  }
  return identity::Revocations::Create(certificates, bans);
}

crypto::Sha256Digest PublishedDigest(const identity::TrustBundle& bundle,
                                     std::string_view announced) {
  if (announced.empty()) return bundle.digest();
  return crypto::Sha256(fmt::format("{}{}", crypto::DigestBytes(bundle.digest()), announced));
}

}  // namespace

std::optional<absl::Time> TrustView::LiftedBanOf(const identity::SpiffeId& id) const {
  const auto found = records.bans.find(id);
  if (found == records.bans.end() || !found->second.lifted_at.has_value()) return std::nullopt;
  return found->second.banned_at;
}

TrustLedger::TrustLedger(identity::TrustBundle bundle, absl::Duration longest_leaf,
                         TrustStore& store)
    : bundle_(std::move(bundle)), longest_leaf_(longest_leaf), store_(store) {}

absl::StatusOr<std::unique_ptr<TrustLedger>> TrustLedger::Create(identity::TrustBundle bundle,
                                                                 absl::Duration longest_leaf,
                                                                 TrustStore& store,
                                                                 std::string_view announced) {
  std::unique_ptr<TrustLedger> ledger(new TrustLedger(std::move(bundle), longest_leaf, store));
  const absl::StatusOr<std::uint64_t> sequence = ledger->Change(
      [&](const TrustRecords& records) -> absl::StatusOr<std::optional<TrustChange>> {
        return PlanPublished(records, PublishedDigest(ledger->bundle_, announced));
      });
  OMNI_RETURN_IF_ERROR(sequence.status());
  return ledger;
}

Subscription TrustLedger::Subscribe(Callback callback) {
  return subscribers_.Subscribe(std::move(callback));
}

absl::StatusOr<std::uint64_t> TrustLedger::Revoke(const CertificateRevocation& revocation) {
  return Change([&](const TrustRecords& records) -> absl::StatusOr<std::optional<TrustChange>> {
    return PlanRevoke(records, revocation);
  });
}

absl::StatusOr<std::uint64_t> TrustLedger::Ban(const identity::SpiffeId& id,
                                               const TrustOrder& order, absl::Time now) {
  return Change([&](const TrustRecords& records) -> absl::StatusOr<std::optional<TrustChange>> {
    return PlanBan(records, id, order, now);
  });
}

absl::StatusOr<std::uint64_t> TrustLedger::Unban(const identity::SpiffeId& id, absl::Time now) {
  return Change([&](const TrustRecords& records) { return PlanUnban(records, id, now); });
}

absl::StatusOr<std::uint64_t> TrustLedger::Prune(absl::Time now) {
  return Change([&](const TrustRecords& records) -> absl::StatusOr<std::optional<TrustChange>> {
    return PlanPrune(records, longest_leaf_, now);
  });
}

absl::StatusOr<std::uint64_t> TrustLedger::Change(Plan plan) {
  const Turnstile::Turn turn(turnstile_);
  if (must_reload_) OMNI_RETURN_IF_ERROR(Reload());
  const TrustViewPtr view = View();
  OMNI_ASSIGN_OR_RETURN(const std::optional<TrustChange> change, plan(view->records));
  if (!change.has_value()) return view->records.sequence;
  return Commit(*change);
}

absl::StatusOr<std::uint64_t> TrustLedger::Commit(const TrustChange& change) {
  // Made before it is stored, so that nothing is stored which could not be published.
  OMNI_ASSIGN_OR_RETURN(TrustViewPtr next, MakeView(Apply(View()->records, change)));
  const absl::Status stored = store_.CommitTrust(change);
  if (!stored.ok()) {
    must_reload_ = true;
    const bool is_there = Reload().ok() && View()->records == next->records;
    if (!is_there) return stored;
    return change.sequence;
  }
  Publish(std::move(next));
  return change.sequence;
}

absl::Status TrustLedger::Reload() {
  OMNI_ASSIGN_OR_RETURN(TrustRecords records, store_.LoadTrust());
  const TrustViewPtr view = View();
  if (view == nullptr || view->records != records) {
    OMNI_ASSIGN_OR_RETURN(TrustViewPtr loaded, MakeView(std::move(records)));
    Publish(std::move(loaded));
  }
  must_reload_ = false;
  return absl::OkStatus();
}

absl::StatusOr<TrustViewPtr> TrustLedger::MakeView(TrustRecords records) const {
  OMNI_ASSIGN_OR_RETURN(identity::Revocations revocations, RevocationsOf(records));
  OMNI_ASSIGN_OR_RETURN(identity::BundleSet bundles, identity::BundleSet::Create({bundle_}));
  auto state = std::make_shared<const identity::TrustState>(
      identity::TrustState{.own = bundle_.trust_domain(),
                           .sequence = records.sequence,
                           .bundles = std::move(bundles),
                           .revocations = std::move(revocations),
                           // At its origin the state is never out of date.
                           .received_at = absl::InfiniteFuture()});
  return std::make_shared<const TrustView>(TrustView{std::move(records), std::move(state)});
}

void TrustLedger::Publish(TrustViewPtr view) {
  view_.Store(view);
  subscribers_.Notify(view->state);
}

}  // namespace omninode::bootstrap
