#include "services/registry/restored_state.h"

#include <map>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "services/registry/sequencer/sequencer.h"

namespace omninode::registry {
namespace {

// How many versions of the log are read to fill the rings of all namespaces.
constexpr std::size_t kRingVersions = 16 * DiffRing::kMaxDiffs;

}  // namespace

absl::StatusOr<std::unique_ptr<RestoredState>> RestoredState::Open(const std::string& data_dir,
                                                                   const std::string& holder,
                                                                   const Clock& clock,
                                                                   std::function<void()> wake) {
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(data_dir));
  OMNI_ASSIGN_OR_RETURN(
      auto store, SqliteRegistryStore::Open({.path = data_dir + "/registry.db"}, clock.Now()));
  OMNI_ASSIGN_OR_RETURN(Ownership ownership, store->Acquire(holder, clock.Now()));
  OMNI_ASSIGN_OR_RETURN(TopologyState state, store->Load());
  OMNI_ASSIGN_OR_RETURN(std::vector<LoggedVersion> log, store->ReadLog(kRingVersions));
  std::unique_ptr<RestoredState> restored(new RestoredState(
      std::move(store), std::move(ownership), std::move(state), holder, std::move(wake)));
  restored->Fill(std::move(log), clock.Monotonic());
  return restored;
}

RestoredState::RestoredState(std::unique_ptr<RegistryStore> store, Ownership ownership,
                             TopologyState state, const std::string& holder,
                             std::function<void()> wake)
    : store_(std::move(store)),
      ownership_(std::move(ownership)),
      table_(std::move(state)),
      snapshots_(table_),
      encoder_(holder),
      watch_({encoder_, snapshots_, std::move(wake)}) {}

void RestoredState::Fill(std::vector<LoggedVersion> log, MonotonicTime now) {
  std::map<NamespaceName, std::vector<LoggedDiff>> log_of;
  for (LoggedVersion& version : log) {
    log_of[version.ns].push_back(
        {version.previous_version, std::move(version.diff), std::move(version.after)});
  }
  for (const auto& [name, state] : table_.StateForWriter().namespaces()) {
    state.nodes().TakeSnapshot().ForEach(
        [&, incarnation = state.info().incarnation](const NodePtr& node) {
          leases_.Grant(LeaseOf(*node, incarnation), node->view->introspection.health(), now);
        });
    watch_.Restore(name, {state.position(), state.hash(), state.nodes().size()},
                   std::move(log_of[name]));
  }
}

}  // namespace omninode::registry
