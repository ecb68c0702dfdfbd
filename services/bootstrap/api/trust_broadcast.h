#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_BROADCAST_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_BROADCAST_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "common/base/mutex.h"
#include "common/concurrency/periodic_task.h"
#include "common/concurrency/subscription.h"
#include "common/rpc/stream/write_reactor.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/trust/trust_ledger.h"

namespace omninode::bootstrap {

// Wakes all trust streams when trust changes and for keep-alives, and has the state's bytes for
// them, made once for all. Owns a thread, which is also the one that writes to waiting streams, so
// that nobody who changes trust waits for followers. Thread-safe. Ledger and network outlive it; it
// outlives its followers.
class TrustBroadcast final {
 public:
  using Handle = rpc::WriteReactor::Handle;
  using Bytes = std::shared_ptr<const grpc::ByteBuffer>;

  // How late a keep-alive can be.
  static constexpr absl::Duration kTick = absl::Milliseconds(500);

  TrustBroadcast(TrustLedger& ledger, const NetworkMapSource& network);

  // The state now, without its bytes.
  TrustViewPtr View() const { return ledger_.View(); }
  Bytes StateWord(const TrustViewPtr& view);
  static Bytes KeepAliveWord(std::uint64_t sequence);

  // A stream's place among those to be woken; gives it up when destroyed.
  class Place final {
   public:
    Place(TrustBroadcast& broadcast, std::uint64_t id) : broadcast_(broadcast), id_(id) {}
    ~Place() { broadcast_.Remove(id_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    TrustBroadcast& broadcast_;
    const std::uint64_t id_;
  };
  std::unique_ptr<Place> Follow(std::shared_ptr<Handle> handle);

  std::size_t followers() const;

 private:
  void Remove(std::uint64_t id);
  void WakeAll();

  TrustLedger& ledger_;
  const NetworkMapSource& network_;

  mutable Mutex mutex_;
  std::uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, std::shared_ptr<Handle>> followers_ ABSL_GUARDED_BY(mutex_);

  Mutex encode_mutex_;  // held while encoding, so that it is done once
  TrustViewPtr encoded_ ABSL_GUARDED_BY(encode_mutex_);
  Bytes bytes_ ABSL_GUARDED_BY(encode_mutex_);

  PeriodicTask ticker_;
  Subscription changes_;  // after what it kicks
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_BROADCAST_H_
