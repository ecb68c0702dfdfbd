#ifndef OMNINODE_COMMON_RUNTIME_SERVICE_MAIN_H_
#define OMNINODE_COMMON_RUNTIME_SERVICE_MAIN_H_

#include "common/runtime/service.h"

namespace omninode::runtime {

// The main of every service:
//
//   int main(int argc, char** argv) {
//     return RunService(RegistryInfo(), argc, argv, MakeRegistry);
//   }
//
// Blocks signals; loads the configuration (--help, --version, --check-config and --reference print
// and end); sets limits; opens logs; clears a stale ready file; starts the admin endpoint; makes
// and starts the service; writes the ready file; waits for SIGTERM, SIGINT or request_stop (SIGHUP
// opens the logs anew and reloads); stops in reverse order. With a verb other than run, its action
// takes the place of the service and there is no endpoint.
//
// Returns the exit code (common/base/exit_code.h); an error is one line on stderr before.
// REQUIRES: called from main, before any other thread.
int RunService(const ServiceInfo& info, int argc, const char* const* argv,
               const ServiceFactory& factory);

}  // namespace omninode::runtime

#endif  // OMNINODE_COMMON_RUNTIME_SERVICE_MAIN_H_
