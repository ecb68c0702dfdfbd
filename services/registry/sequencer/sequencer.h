#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <absl/time/time.h>

#include "services/registry/sequencer/command_queue.h"
#include "services/registry/sequencer/command_sink.h"
#include "services/registry/sequencer/committer.h"

namespace omninode::registry {

// Puts commands in order and makes them durable: the one hub of the service. On a thread of its
// own it takes what waits as a group and has it carried out by a Committer; group N+1 is planned
// after group N is applied.
//
// Thread-safe. Nothing is answered or shown to anybody before it is on the disk.
class Sequencer final : public CommandSink {
 public:
  struct Options {
    std::size_t control_capacity = 16'384;
    std::size_t data_capacity = 8'192;
    std::size_t max_group = 512;
    // A group smaller than `small_group` waits so long for company: commits of few registrations
    // cost nearly as much as those of many.
    std::size_t small_group = 16;
    absl::Duration linger = absl::Microseconds(500);
    // Groups kept in the change log; older ones are dropped a few at a time.
    std::uint64_t keep_groups = 100'000;
  };

  // on_store_status is called on the sequencer's thread.
  using Deps = Committer::Deps;

  // REQUIRES: as Committer.
  Sequencer(Options options, const Ownership& ownership, Deps deps);
  // Completes what waits with SHUTTING_DOWN, after the group in progress.
  ~Sequencer() override;
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void Submit(std::vector<Submission> batch, Urgency urgency) override;

  // Commands that wait, for metrics.
  std::size_t waiting() const { return queue_.size(); }
  std::uint64_t committed_groups() const { return committed_groups_; }
  std::uint64_t term() const { return term_; }

 private:
  void Run();
  // One turn of the loop: take a group and carry it out.
  void Step();

  const Options options_;
  const std::uint64_t term_;
  CommandQueue queue_;
  Committer committer_;               // thread_ only
  std::vector<Submission> deferred_;  // thread_ only: first of the next group
  std::atomic<std::uint64_t> committed_groups_{0};
  std::thread thread_;  // last: starts when everything above is there
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_SEQUENCER_H_
