#ifndef OMNINODE_TOOLS_OMNICTL_NODE_EVENTS_H_
#define OMNINODE_TOOLS_OMNICTL_NODE_EVENTS_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "common/concurrency/bounded_queue.h"
#include "common/time/clock.h"
#include "tools/omnictl/node_run.h"

namespace omninode::omnictl {

// Takes events from the threads of a node and hands them to one sink on a thread of its own, in
// order; the first one with a position also makes the ready file. Whoever reports never waits for a
// slow terminal: events beyond kMaxWaiting are dropped.
//
// Thread-safe. The destructor hands over what is waiting and removes the ready file.
class NodeEvents final {
 public:
  static constexpr std::size_t kMaxWaiting = 1024;

  // `on_failure` is told, on the thread and once, that the sink or the ready file failed; nothing
  // is handed over after that. `ready_file` may be empty.
  NodeEvents(const Clock& clock, std::string ready_file, NodeEventSink sink,
             std::function<void(absl::Status)> on_failure);
  ~NodeEvents();
  NodeEvents(const NodeEvents&) = delete;
  NodeEvents& operator=(const NodeEvents&) = delete;

  void Add(std::string_view event, std::string_view position, std::string_view detail,
           std::string_view reason = {});

 private:
  void Run();
  absl::Status HandOver(const NodeEvent& event);

  const Clock& clock_;
  const std::string ready_file_;
  const NodeEventSink sink_;
  const std::function<void(absl::Status)> on_failure_;
  bool ready_ = false;  // of the thread, then of the destructor
  std::atomic<bool> stopping_ = false;
  BoundedQueue<NodeEvent> queue_;
  std::thread thread_;
};

// {"pid":1,"position":"1:42"} in a file that appears complete.
absl::Status WriteReadyFile(const std::string& path, std::string_view position);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_NODE_EVENTS_H_
