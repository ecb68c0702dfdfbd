#include "tools/omnictl/identity_watch.h"

#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/identity/verifier.h"

namespace omninode::omnictl {
namespace {
constexpr absl::Duration kLook = absl::Seconds(1);
}

bool IsOver(std::optional<Reason> reason) {
  return reason == Reason::kCertRevoked || reason == Reason::kIdentityBanned ||
         reason == Reason::kCertExpired;
}

absl::Status JudgeOwn(const identity::X509Svid& svid, const identity::TrustState& trust,
                      absl::Time now) {
  // Judged here too, because nothing may be known of the authority.
  if (svid.not_after() <= now) {
    return Reject(Reason::kCertExpired, "certificate {} of {} ended at {}",
                  svid.leaf().serial_hex(), svid.id().ToString(),
                  omninode::FormatTime(svid.not_after()));
  }
  const absl::Status judged = identity::VerifySvid(svid.chain(), trust, now).status();
  // Another mistake may be mended by the next trust.
  return IsOver(ReasonOf(judged)) ? judged : absl::OkStatus();
}

IdentityWatch::IdentityWatch(const Deps& deps, std::function<void(absl::Status)> on_over)
    : deps_(deps), on_over_(std::move(on_over)), task_("identity", [this] { return Step(); }) {
  changes_ = deps_.trust.Subscribe([this](const identity::TrustStatePtr&) { task_.Kick(); });
}

void IdentityWatch::Accepted() {
  identity::X509SvidPtr current = deps_.svids.Current();
  MutexLock lock(mutex_);
  accepted_ = std::move(current);
}

void IdentityWatch::Heard(const absl::Status& status) {
  if (!IsOver(ReasonOf(status))) return;
  const identity::X509SvidPtr current = deps_.svids.Current();
  {
    MutexLock lock(mutex_);
    if (accepted_ != nullptr && accepted_ != current) return;
  }
  Over(status);
}

absl::Duration IdentityWatch::Step() {
  const identity::X509SvidPtr svid = deps_.svids.Current();
  const identity::TrustStatePtr trust = deps_.trust.Current();
  if (svid == nullptr || trust == nullptr) return kLook;
  if (absl::Status judged = JudgeOwn(*svid, *trust, deps_.clock.Now()); !judged.ok()) {
    Over(judged);
  }
  // A revoked node may lose its trust stream before it hears of the new trust.
  if (deps_.refusal) Heard(deps_.refusal());
  return kLook;
}

void IdentityWatch::Over(const absl::Status& status) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(over_, true)) return;
  }
  on_over_(status);
}

}  // namespace omninode::omnictl
