#ifndef OMNINODE_SERVICES_REGISTRY_API_WATCH_REACTOR_H_
#define OMNINODE_SERVICES_REGISTRY_API_WATCH_REACTOR_H_

#include <memory>
#include <utility>

#include "common/base/mutex.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/stream/write_reactor.h"
#include "services/registry/watch/watch_cursor.h"

namespace omninode::registry {

// One WatchTopology stream: asks its cursor what to send and sends it. All rules are the cursor's.
class WatchReactor final : public rpc::WriteReactor {
 public:
  // The way from a cursor's notifier to a reactor that is made after it. Thread-safe.
  class WakeSlot final {
   public:
    void Set(std::shared_ptr<Handle> handle) {
      MutexLock lock(mutex_);
      handle_ = std::move(handle);
    }
    void Wake() {
      std::shared_ptr<Handle> handle;
      {
        MutexLock lock(mutex_);
        handle = handle_;
      }
      if (handle != nullptr) handle->Wake();
    }

   private:
    Mutex mutex_;
    std::shared_ptr<Handle> handle_ ABSL_GUARDED_BY(mutex_);
  };

  WatchReactor(grpc::CallbackServerContext* context, const Clock& clock, rpc::StreamCloser closer,
               std::unique_ptr<WatchCursor> cursor, bool with_evidence);

  void HoldPlace(rpc::StreamRegistry::Place place) { place_ = std::move(place); }

 private:
  Next NextMessage() override;

  const Clock& clock_;
  const std::unique_ptr<WatchCursor> cursor_;
  const bool with_evidence_;
  rpc::StreamRegistry::Place place_;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_WATCH_REACTOR_H_
