#ifndef OMNINODE_TOOLS_QUICKSTART_JOB_JOB_H_
#define OMNINODE_TOOLS_QUICKSTART_JOB_JOB_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/introspection.h"
#include "tools/quickstart_job/step_list.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/topology_watch.h"

namespace omninode::quickstart {

inline constexpr char kTenant[] = "tenant-a";
inline constexpr absl::Duration kTenantTtl = absl::Seconds(4);
// How much later than its lease a node may leave the topology.
inline constexpr absl::Duration kExpiryGrace = absl::Seconds(2);
// Short, so that every identity is renewed while somebody watches; much longer than the steps that
// use the identity of a node which has left.
inline constexpr absl::Duration kSvidTtl = absl::Seconds(30);
// For one thing to be seen by the watcher.
inline constexpr absl::Duration kSeenWithin = absl::Seconds(5);

// The main job: a network on this machine, from nothing to nothing, every promise looked at. What
// the steps share; not thread-safe.
class Job final {
 public:
  struct Options {
    std::string bin_dir;
    std::string state_dir;  // exists and is empty
  };

  explicit Job(Options options) : options_(std::move(options)) {}

  // In order; each needs those before. The last one is CloseSteps.
  std::vector<Step> Steps();
  std::vector<Step> CloseSteps();
  // Two nodes to look at while the network stays up.
  absl::Status StartVisibleNodes();

  // For people: where everything is and what to try.
  std::string Hints() const;
  // The last log lines of everything that runs or ran.
  std::string Explain() const;

 private:
  // start_steps.cc
  absl::Status CheckBuild();
  absl::Status SystemShowsServices();
  absl::Status CreateTenant();
  absl::Status StartWatcher();
  // node_steps.cc
  absl::Status RegisterNodes();
  absl::Status ChangeCapability();
  absl::Status LeaveGracefully();
  absl::Status ExpireKilledNode();
  absl::Status RefuseForgeries();
  absl::Status BanNode();
  // endurance_steps.cc
  absl::Status SurviveKill();
  absl::Status RotateUnderLoad();
  absl::Status StopEverything();

  const Options options_;
  std::unique_ptr<testbed::Cluster> cluster_;
  std::unique_ptr<testbed::TopologyWatch> watch_;  // gone before what it watches
  std::string old_envelope_;                       // of a node that has left
};

// The three nodes of the job.
absl::StatusOr<directory::Introspection> Orchestrator(std::string_view id,
                                                      std::string_view workflows);
absl::StatusOr<directory::Introspection> Reducer(std::string_view id, std::string_view throughput);
NamespaceName Tenant();

// OK if `condition`; else INTERNAL with the message.
template <typename... Args>
absl::Status Expect(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (condition) return absl::OkStatus();
  return absl::InternalError(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace omninode::quickstart

#endif  // OMNINODE_TOOLS_QUICKSTART_JOB_JOB_H_
