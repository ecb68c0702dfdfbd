#ifndef OMNINODE_TESTS_SIMULATION_WATCHER_H_
#define OMNINODE_TESTS_SIMULATION_WATCHER_H_

#include <memory>
#include <span>
#include <string>

#include "common/directory/topology_mirror_state.h"
#include "services/registry/topology/change_record.h"
#include "tests/simulation/instance.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/random.h"

namespace omninode::registry::simulation {

// A consumer with its mirror, which refuses gaps and repetitions (G1 to G6), and whose contents are
// compared with what was written whenever it has a position (G7).
class Watcher final {
 public:
  struct Deps {
    const FakeClock& clock;
    const Oracle& oracle;
    Journal& journal;
  };

  Watcher(std::string name, NamespaceName ns, Random random, Deps deps);

  // What the writes mean for what this watcher should see.
  void OnWritten(std::span<const ChangeRecord> records);

  // Opens, stalls, closes, comes back, reads: as chance will have it. `instance` may be null.
  void Act(Instance* instance);
  // Opens if need be and reads all there is.
  void ReadAll(Instance& instance);
  void Disconnect() { cursor_.reset(); }
  // The next diff is lost on the way, as no stream may.
  void LoseADiff() { lose_a_diff_ = true; }

  // Whether the mirror is what was written last.
  bool Converged() const;
  const std::string& name() const { return name_; }

 private:
  struct Wake {
    bool asleep = false;
  };

  void Open(Instance& instance);
  // False: nothing more now.
  bool ReadOne(Instance& instance);
  void Take(const WatchSend& send, const testing::FakeEncoder& encoder);
  void CheckMirror(const absl::Status& status, std::string_view what);

  const std::string name_;
  Random random_;
  const Deps deps_;
  WatchRequest request_;
  directory::MirrorState mirror_;
  // What a watcher of this filter should hold, by version.
  std::vector<directory::SetHash> expected_{{}};
  std::unique_ptr<WatchCursor> cursor_;
  std::shared_ptr<Wake> wake_ = std::make_shared<Wake>();
  MonotonicTime stalled_until_;
  bool lose_a_diff_ = false;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_WATCHER_H_
