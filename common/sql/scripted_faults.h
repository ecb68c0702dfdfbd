#ifndef OMNINODE_COMMON_SQL_SCRIPTED_FAULTS_H_
#define OMNINODE_COMMON_SQL_SCRIPTED_FAULTS_H_

#include <map>
#include <optional>
#include <utility>

#include "common/base/mutex.h"
#include "common/sql/fault_injector.h"

namespace omninode::sql {

// Faults a test asks for: the next `times` passages of a point fail, later ones go on.
// Thread-safe, because the test and the database are often on two threads.
class ScriptedFaults final : public FaultInjector {
 public:
  void Fail(FaultPoint point, Fault fault, int times = 1) {
    MutexLock lock(mutex_);
    planned_[point] = {fault, times};
  }

  std::optional<Fault> At(FaultPoint point) override {
    MutexLock lock(mutex_);
    const auto planned = planned_.find(point);
    if (planned == planned_.end() || planned->second.second == 0) return std::nullopt;
    --planned->second.second;
    return planned->second.first;
  }

 private:
  Mutex mutex_;
  std::map<FaultPoint, std::pair<Fault, int>> planned_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_SCRIPTED_FAULTS_H_
