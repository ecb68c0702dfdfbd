#ifndef OMNINODE_TESTS_INTEGRATION_ENDURANCE_BEATER_H_
#define OMNINODE_TESTS_INTEGRATION_ENDURANCE_BEATER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "tools/testbed/beat_batch_client.h"
#include "tools/testbed/fleet.h"

namespace omninode::integration {

// Renews the leases of a fleet over one Heartbeat stream of its agent: a batch every `every`, and
// the next one as soon as the registry answers again when it did not in time. Thread-safe. The
// fleet outlives it.
class Beater final {
 public:
  // The last renewal that the registry acknowledged happened between these two.
  struct Renewal {
    absl::Time sent;
    absl::Time acknowledged;
  };
  struct Refused {
    std::uint64_t reregister = 0;
    std::uint64_t stale = 0;
    std::uint64_t other = 0;
  };

  Beater(testbed::Fleet& fleet, const Clock& clock, absl::Duration every);
  ~Beater();

  // Registers a node, which counts as a renewal, and keeps its lease from then on.
  absl::Status Register(std::size_t node);
  // No batch that begins later has beats of these nodes; and they are in again.
  void Silence(std::size_t first, std::size_t end) { SetActive(first, end, false); }
  void Resume(std::size_t first, std::size_t end) { SetActive(first, end, true); }

  Renewal last(std::size_t node) const;
  // Of beats; answers to nodes that were silenced meanwhile are counted too.
  Refused refused() const;
  // Batches that were acknowledged. WaitRounds: until so many more were; false after `timeout`.
  std::uint64_t rounds() const;
  bool WaitRounds(std::uint64_t more, absl::Duration timeout) const;

 private:
  struct Lease {
    testbed::BeatBatchClient::Lease grant;
    bool active = false;
    Renewal last;
  };

  void Run();
  // One batch; false when the stream is gone.
  bool BeatOnce(testbed::BeatBatchClient& stream);
  bool Pause(absl::Duration wait);
  void SetActive(std::size_t first, std::size_t end, bool active);

  testbed::Fleet& fleet_;
  const Clock& clock_;
  const absl::Duration every_;
  mutable Mutex mutex_;
  mutable CondVar changed_;
  std::vector<Lease> leases_ ABSL_GUARDED_BY(mutex_);
  Refused refused_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t rounds_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  testbed::BeatBatchClient* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::uint64_t sequence_ = 0;  // of the thread
  std::thread thread_;
};

}  // namespace omninode::integration

#endif  // OMNINODE_TESTS_INTEGRATION_ENDURANCE_BEATER_H_
