#ifndef OMNINODE_SERVICES_BOOTSTRAP_TRUST_ACKNOWLEDGEMENTS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_TRUST_ACKNOWLEDGEMENTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/identity/spiffe_id.h"
#include "common/time/clock.h"
#include "common/time/monotonic_time.h"

namespace omninode::bootstrap {

// How far a sequence has spread. Both lists by SPIFFE ID.
struct Propagation {
  std::uint64_t sequence = 0;
  std::vector<identity::SpiffeId> applied;
  std::vector<identity::SpiffeId> lagging;
};

// Which service instances follow the trust, and which sequence each enforces. An instance that
// has lost its connection counts for kGrace more, because it goes on with what it knows for so
// long before it refuses writes. Thread-safe.
class Acknowledgements final {
 public:
  static constexpr std::size_t kMaxInstances = 1024;
  static constexpr absl::Duration kGrace = absl::Seconds(10);

  // A stream to the instance was opened, which enforces `sequence` (0: nothing yet). Each call that
  // succeeds needs one Disconnected. Fails with LOAD_SHED beyond kMaxInstances.
  absl::Status Connected(const identity::SpiffeId& instance, std::uint64_t sequence,
                         MonotonicTime now);
  void Disconnected(const identity::SpiffeId& instance, MonotonicTime now);
  // Nothing happens for an instance that is not known.
  void Acknowledge(const identity::SpiffeId& instance, std::uint64_t sequence);

  Propagation Of(std::uint64_t sequence, MonotonicTime now) const;
  // The same once nobody lags, or `timeout` has passed, or Close was called. Blocks.
  Propagation WaitFor(std::uint64_t sequence, const Clock& clock, absl::Duration timeout) const;

  // Ends all waits, now and later: the service stops.
  void Close();

 private:
  struct Instance {
    int streams = 0;
    std::uint64_t sequence = 0;
    MonotonicTime gone_at;  // meaningful when streams == 0
  };

  Propagation OfLocked(std::uint64_t sequence, MonotonicTime now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropGone(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::map<identity::SpiffeId, Instance> instances_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_TRUST_ACKNOWLEDGEMENTS_H_
