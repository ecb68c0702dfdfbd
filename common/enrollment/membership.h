#ifndef OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_H_
#define OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_H_

#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/enrollment/network_trust.h"
#include "common/identity/svid_source.h"
#include "common/identity/trust_source.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"

namespace omninode::enrollment {

// This process as a member of the network: its identity, renewed at half life, and its trust,
// followed over the stream. Keeps the last good of both when bootstrap is away.
//
// Thread-safe. Owns two threads. What Options refers to outlives it.
class Membership final {
 public:
  struct Options {
    const Clock& clock;
    telemetry::Logger& logger;
    std::string identity_dir;  // empty: key and identity live in memory only
    std::string token_file;    // empty: the identity folder must have one
    absl::Duration join_timeout = absl::Seconds(20);
  };

  // Uses the identity folder if what it holds is valid, else the token. Blocks until there is an
  // identity. Errors, each saying what to do: FAILED_PRECONDITION without either, CERT_EXPIRED,
  // TOKEN_USED, TOKEN_EXPIRED; KEY_FILE_MODE; otherwise the errors of AttestWithToken.
  static absl::StatusOr<std::unique_ptr<Membership>> Join(const Options& options);
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  identity::SvidSource& svids();
  identity::TrustSource& trust();
  NetworkInfo network() const;

  // How long ago bootstrap said to this process that its trust is the current one. Infinite before
  // the first time: what a folder kept may be older than a revocation.
  absl::Duration TrustAge() const;
  // Waits for the first time. False after `timeout`.
  bool WaitForTrust(absl::Duration timeout) const;
  // Why bootstrap ended the trust stream of the current certificate (CERT_REVOKED, IDENTITY_BANNED,
  // CERT_EXPIRED, ...); OK while it talks to us, or nobody answers.
  absl::Status Refusal() const;

  // Renews now and returns when it is done: operators and tests. Otherwise it happens by itself.
  absl::Status RenewNow();

 private:
  class Impl;
  explicit Membership(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// When an SVID should be renewed: at half of the life that was left when this process got it, up to
// a tenth of that earlier or later by `random`, so that a fleet does not renew at once. Not by
// notBefore: certificates are backdated, short ones by more than half of their life. Pure.
absl::Time RenewalTime(absl::Time acquired_at, absl::Time not_after, std::uint64_t random);

}  // namespace omninode::enrollment

#endif  // OMNINODE_COMMON_ENROLLMENT_MEMBERSHIP_H_
