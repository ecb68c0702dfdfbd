#ifndef OMNINODE_TESTS_INTEGRATION_ENDURANCE_WRITE_LOAD_H_
#define OMNINODE_TESTS_INTEGRATION_ENDURANCE_WRITE_LOAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/mutex.h"
#include "common/directory/position.h"
#include "common/time/clock.h"
#include "common/time/monotonic_time.h"
#include "tools/testbed/fleet.h"

namespace omninode::integration {

// One write that a client sent, and what it knows of its outcome.
struct Write {
  std::size_t node = 0;
  bool leave = false;  // a goodbye, otherwise a registration or a description anew
  std::uint64_t sequence = 0;
  std::string envelope;
  MonotonicTime began;
  MonotonicTime ended;
  // Where it can be seen, once the registry has said so; nullopt: the outcome is not known.
  std::optional<directory::Position> position = std::nullopt;
};

// Nodes of a fleet that register, describe themselves anew and leave without a break, on many
// threads; no node is of two threads, so its writes are in order. Every registration carries its
// sequence as the capability kSequence. A thread ends at its first write with an unknown outcome.
// Thread-safe but for Start and Finish. The fleet outlives it.
class WriteLoad final {
 public:
  static constexpr char kSequence[] = "sequence";

  // REQUIRES: at least one node for each worker.
  WriteLoad(testbed::Fleet& fleet, const Clock& clock, std::size_t workers, std::uint64_t seed);
  ~WriteLoad() { (void)Finish(); }

  void Start();
  // Until so many writes of the round were acknowledged and, at that moment, so many are called and
  // not answered. False after `timeout`.
  bool WaitFor(int acknowledged, int outstanding, absl::Duration timeout) const;
  // Lets every thread finish its write, and returns those of the round, ordered for each node.
  std::vector<Write> Finish();
  // Refusals: nobody here asks for anything that may be refused.
  std::vector<absl::Status> refusals() const;

  // Sends the write, once more or for the first time, and returns its position.
  absl::StatusOr<directory::Position> Send(const Write& write, absl::Duration timeout);

 private:
  void Run(std::size_t worker);
  absl::StatusOr<Write> MakeWrite(std::size_t node, bool leave) const;
  bool Perform(Write& write);
  void Count(int acknowledged, int outstanding);

  testbed::Fleet& fleet_;
  const Clock& clock_;
  std::vector<std::mt19937_64> randoms_;  // each of one thread, as is the state of its nodes
  std::vector<char> registered_;          // every write sent has its effect before the next round
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  mutable CondVar changed_;
  int acknowledged_ ABSL_GUARDED_BY(mutex_) = 0;
  int outstanding_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Write> writes_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> refusals_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace omninode::integration

#endif  // OMNINODE_TESTS_INTEGRATION_ENDURANCE_WRITE_LOAD_H_
