#ifndef OMNINODE_COMMON_SQL_FAULT_INJECTOR_H_
#define OMNINODE_COMMON_SQL_FAULT_INJECTOR_H_

#include <optional>

namespace omninode::sql {

// Where a transaction may be made to fail.
enum class FaultPoint {
  kBegin,      // before BEGIN: nothing happened
  kCommit,     // instead of COMMIT: the changes are rolled back
  kCommitted,  // after a COMMIT that took effect: the caller is told that the outcome is unknown
};

// How it fails; the caller sees the status that SQLite's own failure would have given.
enum class Fault { kBusy, kDiskFull, kIoError };

// Decides at each point whether the database fails there. Null in production; the tests of
// everything that stores have one (scripted_faults.h). Called on the thread that uses the database.
class FaultInjector {
 public:
  virtual ~FaultInjector() = default;
  // nullopt: go on.
  virtual std::optional<Fault> At(FaultPoint point) = 0;
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_FAULT_INJECTOR_H_
