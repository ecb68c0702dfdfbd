#ifndef OMNINODE_COMMON_SQL_OPEN_OPTIONS_H_
#define OMNINODE_COMMON_SQL_OPEN_OPTIONS_H_

#include <absl/time/time.h>

#include "common/sql/fault_injector.h"

namespace omninode::sql {

struct OpenOptions {
  // How long a statement waits for another connection's lock (a backup, an operator's shell)
  // before it fails with kUnavailable.
  absl::Duration busy_timeout = absl::Seconds(2);
  // Reads the whole file at Open (PRAGMA quick_check) and refuses a damaged one with kDataLoss.
  // Without it damage shows when a statement meets it.
  bool check_integrity = false;
  // Tests only; must outlive the database.
  FaultInjector* faults = nullptr;
};

}  // namespace omninode::sql

#endif  // OMNINODE_COMMON_SQL_OPEN_OPTIONS_H_
