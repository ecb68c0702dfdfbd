#include "common/enrollment/membership.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/exit_code.h"
#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/concurrency/periodic_task.h"
#include "common/concurrency/snapshot.h"
#include "common/concurrency/thread_name.h"
#include "common/concurrency/wait_until.h"
#include "common/config/secret_file.h"
#include "common/crypto/random.h"
#include "common/enrollment/bootstrap_client.h"
#include "common/enrollment/identity_folder.h"
#include "common/identity/static_source.h"
#include "common/rpc/transport/channel.h"
#include "common/time/backoff.h"

namespace omninode::enrollment {
namespace {

constexpr absl::Duration kRpcTimeout = absl::Seconds(5);

// Somebody has to make a new token; say how.
absl::Status TokenSpent(Reason reason, std::string_view why, const std::string& spiffe_id) {
  return Reject(reason,
                "{}; make a new one with `omnictl identity token create --spiffe-id {} --out FILE`",
                why, spiffe_id.empty() ? "ID" : spiffe_id);
}

// There is neither an identity nor a token to get one with. What is missing is another exit code
// than what is there and cannot be used.
absl::Status NoIdentity(const absl::Status& why, const std::string& identity_dir) {
  const absl::Status status =
      Error(absl::StatusCode::kFailedPrecondition,
            "{}; nodes: pass a token file from `omnictl identity token create`; services and "
            "administrators: run `omnictl identity issue --spiffe-id ID --out {}` on the host "
            "of the bootstrap service",
            Message(why), identity_dir.empty() ? "DIR" : identity_dir);
  if (ReasonOf(why) == Reason::kCertExpired) {
    return Reject(Reason::kCertExpired, "{}", Message(status));
  }
  return absl::IsNotFound(why) ? WithExitCode(status, ExitCode::kMissingInput) : status;
}

struct Start {
  identity::X509SvidPtr svid;
  NetworkTrust trust;
  bool fresh = false;  // from bootstrap, right now
};

// The folder's identity, if it can still be used. NOT_FOUND: nothing there.
absl::StatusOr<Start> FromFolder(const IdentityFolder& folder, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(IdentityFolder::Contents contents, folder.Load());
  if (contents.svid.not_after() <= now) {
    return Reject(Reason::kCertExpired, "the identity in {} ended at {}", folder.path(),
                  omninode::FormatTime(contents.svid.not_after()));
  }
  return Start{std::make_shared<const identity::X509Svid>(std::move(contents.svid)),
               std::move(contents.trust)};
}

absl::StatusOr<Start> FromToken(const Membership::Options& options,
                                const std::optional<IdentityFolder>& folder) {
  OMNI_ASSIGN_OR_RETURN(const std::string text, config::ReadSecretFile(options.token_file));
  auto token = TokenFile::Parse(text);
  if (!token.ok()) return Annotate(token.status(), options.token_file);
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  auto first = AttestWithToken(*token, key, options.clock, options.join_timeout);
  if (!first.ok()) {
    const auto reason = ReasonOf(first.status());
    if (reason == Reason::kTokenUsed || reason == Reason::kTokenExpired) {
      return TokenSpent(*reason, Message(first.status()), token->spiffe_id);
    }
    return first.status();
  }
  if (folder.has_value()) {
    OMNI_RETURN_IF_ERROR(folder->SaveTrust(first->trust_bytes));
    OMNI_RETURN_IF_ERROR(folder->SaveSvid(first->svid));
  }
  return Start{std::make_shared<const identity::X509Svid>(std::move(first->svid)),
               std::move(first->trust), /*fresh=*/true};
}

absl::StatusOr<Start> Begin(const Membership::Options& options,
                            const std::optional<IdentityFolder>& folder) {
  absl::Status from_folder = Error(absl::StatusCode::kNotFound, "there is no identity folder");
  if (folder.has_value()) {
    auto start = FromFolder(*folder, options.clock.Now());
    if (start.ok()) return start;
    // A folder that others can write to is never worked around with a token.
    if (ReasonOf(start.status()) == Reason::kKeyFileMode) return start.status();
    from_folder = start.status();
  }
  if (options.token_file.empty()) {
    return NoIdentity(from_folder, options.identity_dir);
  }
  return FromToken(options, folder);
}

}  // namespace

absl::Time RenewalTime(absl::Time acquired_at, absl::Time not_after, std::uint64_t random) {
  const absl::Duration left = std::max(not_after - acquired_at, absl::ZeroDuration());
  return acquired_at + Jittered(left / 2, 0.2, random);
}

class Membership::Impl final {
 public:
  Impl(const Options& options, std::optional<IdentityFolder> folder, Start start)
      : clock_(options.clock),
        logger_(options.logger),
        folder_(std::move(folder)),
        svids_(start.svid),
        trust_(start.trust.trust),
        network_(std::make_shared<const NetworkInfo>(std::move(start.trust.network))),
        heard_at_(start.fresh ? std::optional(clock_.Monotonic()) : std::nullopt),
        channel_({.address = network_.Load()->bootstrap_addresses.empty()
                                 ? std::string()
                                 : network_.Load()->bootstrap_addresses.front(),
                  .expected = rpc::ExpectService("bootstrap"),
                  .svids = &svids_,
                  .trust = &trust_,
                  .clock = &clock_}),
        renewal_backoff_({.initial = absl::Seconds(1), .max = absl::Seconds(30)},
                         crypto::RandomUint64()),
        renewal_("renewal", [this] { return RenewalStep(); }),
        rotation_(svids_.Subscribe([this](const identity::X509SvidPtr&) {
          MutexLock lock(mutex_);
          rotated_ = true;
          refusal_ = absl::OkStatus();
          if (stream_ != nullptr) stream_->TryCancel();
        })),
        follower_([this] {
          SetThreadName("trust");
          FollowTrust();
        }) {}

  ~Impl() {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      if (stream_ != nullptr) stream_->TryCancel();
      changed_.NotifyAll();
    }
    follower_.join();
  }

  identity::StaticSvidSource& svids() { return svids_; }
  identity::StaticTrustSource& trust() { return trust_; }
  NetworkInfo network() const { return *network_.Load(); }

  absl::Duration TrustAge() const {
    MutexLock lock(mutex_);
    return heard_at_.has_value() ? clock_.Monotonic() - *heard_at_ : absl::InfiniteDuration();
  }

  absl::Status Refusal() const {
    MutexLock lock(mutex_);
    return refusal_;
  }

  bool WaitForTrust(absl::Duration timeout) {
    MutexLock lock(mutex_);
    return WaitUntil(changed_, mutex_, timeout,
                     [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return heard_at_.has_value(); });
  }

  absl::Status RenewNow() {
    MutexLock lock(renew_mutex_);  // one renewal at a time, also across the call
    const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
    OMNI_ASSIGN_OR_RETURN(identity::X509Svid svid, RenewSvid(channel_.Get(), key, kRpcTimeout));
    if (folder_.has_value()) OMNI_RETURN_IF_ERROR(folder_->SaveSvid(svid));
    logger_.Info("svid_renewed", {{"spiffe_id", svid.id().ToString()},
                                  {"serial", svid.leaf().serial_hex()},
                                  {"not_after", omninode::FormatTime(svid.not_after())}});
    svids_.Set(std::make_shared<const identity::X509Svid>(std::move(svid)));
    return absl::OkStatus();
  }

 private:
  absl::Duration RenewalStep() {
    const auto svid = svids_.Current();
    if (svid != renewing_) {
      renewing_ = svid;
      due_ = RenewalTime(clock_.Now(), svid->not_after(), svid->leaf().fingerprint()[0]);
    }
    const absl::Duration left = due_ - clock_.Now();
    // Capped, because the wall clock may be set meanwhile.
    if (left > absl::ZeroDuration()) return std::min(left, absl::Seconds(10));
    if (absl::Status renewed = RenewNow(); !renewed.ok()) {
      logger_.Warning("svid_renewal_failed", {{"error", std::string(Message(renewed))}});
      return renewal_backoff_.Next();
    }
    renewal_backoff_.Reset();
    return absl::ZeroDuration();
  }

  void FollowTrust() {
    Backoff backoff({.initial = absl::Milliseconds(100), .max = absl::Seconds(2)},
                    crypto::RandomUint64());
    while (true) {
      grpc::ClientContext context;
      {
        MutexLock lock(mutex_);
        if (stopping_) return;
        rotated_ = false;
        stream_ = &context;
      }
      const auto channel = channel_.Get();
      const absl::Status ended =
          WatchTrust(channel, &context, trust_.Current()->sequence, clock_, [&](TrustWord word) {
            backoff.Reset();
            return Hear(channel, std::move(word));
          });
      MutexLock lock(mutex_);
      stream_ = nullptr;
      if (stopping_) return;
      // On with the new certificate, before the stream of the old one is refused.
      if (std::exchange(rotated_, false)) continue;
      refusal_ =
          ReasonOf(ended).has_value() && !absl::IsUnavailable(ended) ? ended : absl::OkStatus();
      if (!std::exchange(away_, true)) {
        logger_.Warning("trust_stream_ended", {{"error", std::string(Message(ended))}});
      }
      changed_.WaitFor(mutex_, backoff.Next());
    }
  }

  absl::Status Hear(const std::shared_ptr<grpc::Channel>& channel, TrustWord word) {
    const std::uint64_t known = trust_.Current()->sequence;
    if (word.sequence < known) {
      return Error(absl::StatusCode::kFailedPrecondition,
                   "bootstrap is at trust sequence {}, {} is known here", word.sequence, known);
    }
    if (word.trust.has_value()) {
      if (folder_.has_value()) {
        if (absl::Status saved = folder_->SaveTrust(word.trust_bytes); !saved.ok()) {
          logger_.Warning("trust_not_saved", {{"error", std::string(Message(saved))}});
        }
      }
      network_.Store(std::make_shared<const NetworkInfo>(std::move(word.trust->network)));
      trust_.Set(word.trust->trust);
      logger_.Info("trust_updated", {{"sequence", word.sequence}});
    }
    {
      MutexLock lock(mutex_);
      heard_at_ = clock_.Monotonic();
      refusal_ = absl::OkStatus();
      changed_.NotifyAll();
      if (std::exchange(away_, false)) logger_.Info("trust_stream_back");
    }
    if (word.sequence == acked_) return absl::OkStatus();
    // Set has told all subscribers: from here on every new call is judged by this sequence.
    OMNI_RETURN_IF_ERROR(AckTrust(channel, word.sequence, kRpcTimeout));
    acked_ = word.sequence;
    return absl::OkStatus();
  }

  const Clock& clock_;
  telemetry::Logger& logger_;
  const std::optional<IdentityFolder> folder_;
  identity::StaticSvidSource svids_;
  identity::StaticTrustSource trust_;
  Snapshot<NetworkInfo> network_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<MonotonicTime> heard_at_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
  bool rotated_ ABSL_GUARDED_BY(mutex_) = false;  // since the stream was opened
  bool away_ ABSL_GUARDED_BY(mutex_) = false;     // the end of the stream was told
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t acked_ = 0;  // follower_ only

  Mutex renew_mutex_;
  rpc::RotatingChannel channel_;
  Backoff renewal_backoff_;         // renewal_ only
  identity::X509SvidPtr renewing_;  // renewal_ only: what due_ is for
  absl::Time due_;                  // renewal_ only
  PeriodicTask renewal_;
  Subscription rotation_;
  std::thread follower_;
};

Membership::Membership(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Membership::~Membership() = default;

absl::StatusOr<std::unique_ptr<Membership>> Membership::Join(const Options& options) {
  std::optional<IdentityFolder> folder;
  if (!options.identity_dir.empty()) {
    std::error_code ignored;
    if (options.token_file.empty() && !std::filesystem::exists(options.identity_dir, ignored)) {
      return NoIdentity(
          Error(absl::StatusCode::kNotFound, "there is no folder {}", options.identity_dir),
          options.identity_dir);
    }
    OMNI_ASSIGN_OR_RETURN(folder, IdentityFolder::Open(options.identity_dir));
  }
  OMNI_ASSIGN_OR_RETURN(Start start, Begin(options, folder));
  return std::unique_ptr<Membership>(
      new Membership(std::make_unique<Impl>(options, std::move(folder), std::move(start))));
}

identity::SvidSource& Membership::svids() { return impl_->svids(); }
identity::TrustSource& Membership::trust() { return impl_->trust(); }
NetworkInfo Membership::network() const { return impl_->network(); }
absl::Duration Membership::TrustAge() const { return impl_->TrustAge(); }
absl::Status Membership::Refusal() const { return impl_->Refusal(); }
bool Membership::WaitForTrust(absl::Duration timeout) const { return impl_->WaitForTrust(timeout); }
absl::Status Membership::RenewNow() { return impl_->RenewNow(); }

}  // namespace omninode::enrollment
