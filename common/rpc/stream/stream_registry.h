#ifndef OMNINODE_COMMON_RPC_STREAM_STREAM_REGISTRY_H_
#define OMNINODE_COMMON_RPC_STREAM_STREAM_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/identity/trust_state.h"
#include "common/identity/verifier.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/stream/stream_handle.h"

namespace omninode::rpc {

// The open streams of a service. A call is judged when it begins; a stream lasts, so it is judged
// again when trust changes and when its caller's certificate ends. How many there can be is bounded
// by the guard that lets them in. Thread-safe; outlives its places.
class StreamRegistry final {
 public:
  // A stream that was told to end and still has a write in flight is cancelled after this.
  static constexpr absl::Duration kEndGrace = absl::Seconds(1);

  // A stream's entry; gives it up when destroyed. Owned by the reactor. Movable.
  class Place final {
   public:
    Place() = default;
    Place(StreamRegistry* registry, std::uint64_t id) : registry_(registry), id_(id) {}
    Place(Place&& other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(registry_, other.registry_);
      std::swap(id_, other.id_);
      return *this;
    }
    ~Place() {
      if (registry_ != nullptr) registry_->Remove(id_);
    }

   private:
    StreamRegistry* registry_ = nullptr;
    std::uint64_t id_ = 0;
  };

  // `deadline`: when the stream is ended with DEADLINE in any case.
  [[nodiscard]] Place Add(const Caller& caller, std::shared_ptr<StreamHandle> handle,
                          absl::Time deadline = absl::InfiniteFuture());

  // Ends the streams whose caller is no longer believed (CERT_REVOKED, IDENTITY_BANNED,
  // CERT_EXPIRED, and the other reasons of RecheckSvid) or whose deadline has passed, and cancels
  // those told earlier that did not end. Returns how many it ended.
  std::size_t Sweep(const identity::TrustState& trust, absl::Time now);

  // When Sweep has something to do at the latest if trust does not change.
  absl::Time NextSweep(absl::Time now) const;

  // Cancels streams whose peer has not taken a message for so long. Returns how many.
  std::size_t CancelStuck(MonotonicTime now, absl::Duration limit);

  // At shutdown: tells all of them. What they have to send goes out first.
  void EndAll(const absl::Status& status);

  std::size_t size() const;

 private:
  struct Entry {
    identity::VerifiedSvidPtr svid;  // null: caller without identity
    std::shared_ptr<StreamHandle> handle;
    absl::Time deadline;
    absl::Time told_at = absl::InfiniteFuture();
  };
  using Copy = std::pair<std::uint64_t, Entry>;

  static absl::StatusOr<identity::VerifiedSvidPtr> Judge(const Entry& entry,
                                                         const identity::TrustState& trust,
                                                         absl::Time now);
  std::vector<Copy> Copies() const;
  void Update(std::uint64_t id, const absl::StatusOr<identity::VerifiedSvidPtr>& verdict,
              absl::Time now);
  void Remove(std::uint64_t id);

  mutable Mutex mutex_;
  std::uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_STREAM_REGISTRY_H_
