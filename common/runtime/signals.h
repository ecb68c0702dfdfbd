#ifndef OMNINODE_COMMON_RUNTIME_SIGNALS_H_
#define OMNINODE_COMMON_RUNTIME_SIGNALS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/config/file_descriptor.h"

namespace omninode::runtime {

// Blocks SIGTERM, SIGINT, SIGHUP, SIGPIPE and SIGXFSZ in the calling thread and so in all threads
// that it starts later. REQUIRES: no other thread runs yet; those would take a SIGTERM by default,
// that is by ending the process in the middle of something.
void BlockSignals();

// Why a process stops.
struct StopRequest {
  std::string cause;    // "SIGTERM", "SIGINT", "request"
  absl::Status status;  // of RequestStop; OK for signals
};

// Waits for the signals that BlockSignals blocked. One per process. RequestStop is thread-safe,
// Wait is for one thread.
class SignalWaiter final {
 public:
  // REQUIRES: BlockSignals was called.
  static absl::StatusOr<std::unique_ptr<SignalWaiter>> Create();

  // Returns at SIGTERM, SIGINT or after RequestStop, even one made before. SIGHUP calls `on_hangup`
  // on this thread and the wait goes on.
  StopRequest Wait(const std::function<void()>& on_hangup);

  // The first request is the one that Wait returns.
  void RequestStop(absl::Status status);

  // Whether Wait would return at once; for a start that takes long. Any thread.
  bool StopPending() const;

 private:
  SignalWaiter(config::FileDescriptor signals, config::FileDescriptor wake)
      : signals_(std::move(signals)), wake_(std::move(wake)) {}
  std::optional<StopRequest> Requested() const;

  const config::FileDescriptor signals_;
  const config::FileDescriptor wake_;
  mutable Mutex mutex_;
  std::optional<StopRequest> requested_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_SIGNALS_H_
