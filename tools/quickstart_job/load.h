#ifndef OMNINODE_TOOLS_QUICKSTART_JOB_LOAD_H_
#define OMNINODE_TOOLS_QUICKSTART_JOB_LOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/directory/introspection.h"
#include "common/directory/position.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/member.h"

namespace omninode::quickstart {

// A registration that the registry said yes to: the capability `round` of that node is at least
// that from this position on.
struct Acknowledged {
  std::string node_id;
  std::uint64_t round = 0;
  directory::Position position;
};

// Nodes that describe themselves anew without a break, each with a capability `round` that counts.
// A node stops at its first failure, so that what was acknowledged last stays as it is.
// Thread-safe.
class Load final {
 public:
  static constexpr char kRound[] = "round";

  // The first round of each node is done when it returns. `cluster` outlives the load.
  static absl::StatusOr<std::unique_ptr<Load>> Start(testbed::Cluster& cluster,
                                                     const std::string& ns, int nodes);
  ~Load();

  // Lets every node finish its round; Join waits for that.
  void Stop();
  // Waits for the nodes to stop, by themselves or because of Stop.
  void Join();
  // Another round of every node, one after the other; each tries until it is acknowledged or
  // `timeout` has passed. REQUIRES: after Join.
  absl::Status OneMoreRound(absl::Duration timeout);
  // Their tombstones. REQUIRES: after Join.
  absl::Status Leave();

  std::vector<Acknowledged> acknowledged() const;
  std::vector<absl::Status> failures() const;
  std::size_t nodes() const { return nodes_.size(); }
  // Serials of the certificates that the nodes have now.
  std::vector<std::string> serials() const;

 private:
  struct Node {
    std::string id;
    std::unique_ptr<testbed::Member> member;
    std::uint64_t round = 0;
  };

  explicit Load(std::string ns) : ns_(std::move(ns)) {}
  void Run(Node& node);
  absl::Status Round(Node& node);

  const std::string ns_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  std::vector<Acknowledged> acknowledged_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace omninode::quickstart

#endif  // OMNINODE_TOOLS_QUICKSTART_JOB_LOAD_H_
