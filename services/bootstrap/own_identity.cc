#include "services/bootstrap/own_identity.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/crypto/key.h"
#include "common/crypto/random.h"
#include "services/bootstrap/api/issue_log.h"

namespace omninode::bootstrap {
namespace {

constexpr char kActor[] = "self";
// The wall clock may be set while it waits.
constexpr absl::Duration kLongestPause = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::unique_ptr<OwnIdentity>> OwnIdentity::Create(Deps deps) {
  OMNI_ASSIGN_OR_RETURN(Issued first, Issue(deps));
  return std::unique_ptr<OwnIdentity>(new OwnIdentity(std::move(deps), std::move(first)));
}

OwnIdentity::OwnIdentity(Deps deps, Issued first)
    : deps_(std::move(deps)),
      svids_(std::move(first.svid)),
      issued_at_(first.at),
      backoff_({.initial = absl::Seconds(1), .max = absl::Seconds(30)}, crypto::RandomUint64()),
      renewal_("renewal", [this] { return Step(); }),
      changes_(
          deps_.ledger.Subscribe([this](const identity::TrustStatePtr&) { renewal_.Kick(); })) {}

absl::StatusOr<OwnIdentity::Issued> OwnIdentity::Issue(const Deps& deps) {
  const absl::Time now = deps.clock.Now();
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  OMNI_ASSIGN_OR_RETURN(
      const IssuedIdentity issued,
      deps.desk.IssueLocal(deps.id.ToString(), crypto::MakeCsr(key), std::nullopt, kActor));
  LogIssued(deps.logger, issued.svid.record);
  OMNI_ASSIGN_OR_RETURN(identity::X509Svid svid,
                        identity::X509Svid::Create({issued.svid.leaf}, key));
  return Issued{std::make_shared<const identity::X509Svid>(std::move(svid)), now};
}

absl::Duration OwnIdentity::Step() {
  const auto svid = svids_.Current();
  const absl::Duration left = RenewalTime(issued_at_, svid->not_after()) - deps_.clock.Now();
  const bool revoked = deps_.ledger.Current()->revocations.IsRevoked(svid->leaf());
  if (left > absl::ZeroDuration() && !revoked) return std::min(left, kLongestPause);
  auto renewed = Issue(deps_);
  if (!renewed.ok()) {
    deps_.logger.Error("own_svid_not_renewed", {{"error", Message(renewed.status())},
                                                {"left", absl::ToInt64Seconds(left)}});
    return backoff_.Next();
  }
  backoff_.Reset();
  issued_at_ = renewed->at;
  svids_.Set(std::move(renewed->svid));
  return absl::ZeroDuration();
}

}  // namespace omninode::bootstrap
