#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_REVOCATION_DESK_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_REVOCATION_DESK_H_

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/identity/spiffe_id.h"
#include "common/time/clock.h"
#include "services/bootstrap/desk/page.h"
#include "services/bootstrap/store/bootstrap_store.h"
#include "services/bootstrap/trust/acknowledgements.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

inline constexpr std::size_t kMaxReasonTextBytes = 256;
inline constexpr absl::Duration kDefaultPropagationWait = absl::Seconds(1);
inline constexpr absl::Duration kMaxPropagationWait = absl::Seconds(10);

// Takes trust away, and waits until it has spread. Thread-safe. Everything in Deps outlives it.
// Methods fail as AuthorityService documents. An unset wait is kDefaultPropagationWait, a longer
// one than kMaxPropagationWait is taken as that; when it is over, the answer names who lags.
class RevocationDesk final {
 public:
  struct Deps {
    identity::TrustDomain trust_domain;
    BootstrapStore& store;
    TrustLedger& ledger;
    const Acknowledgements& acknowledgements;
    const Clock& clock;
  };
  explicit RevocationDesk(Deps deps) : deps_(std::move(deps)) {}

  struct Revoked {
    identity::SpiffeId id;
    Propagation propagation;
  };
  // `serial`: hexadecimal in either case.
  absl::StatusOr<Revoked> RevokeSvid(std::string_view serial, const TrustOrder& order,
                                     std::optional<absl::Duration> wait);
  absl::StatusOr<Propagation> BanIdentity(std::string_view spiffe_id, const TrustOrder& order,
                                          std::optional<absl::Duration> wait);
  absl::StatusOr<Propagation> UnbanIdentity(std::string_view spiffe_id,
                                            std::optional<absl::Duration> wait);

  using Item = std::variant<CertificateRevocation, IdentityBan>;
  // Newest first.
  absl::StatusOr<Page<Item>> ListRevocations(const PageRequest& request) const;

 private:
  absl::StatusOr<identity::SpiffeId> ParseOwnId(std::string_view spiffe_id) const;
  Propagation Await(std::uint64_t sequence, std::optional<absl::Duration> wait) const;

  const Deps deps_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_REVOCATION_DESK_H_
