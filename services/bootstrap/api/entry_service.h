#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_SERVICE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_SERVICE_H_

#include <memory>

#include "common/rpc/serve/guard.h"
#include "common/telemetry/log.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/desk/entry_desk.h"

namespace grpc {
class Service;
}

namespace omninode::bootstrap {

// What the RPCs of EntryService work with. All references outlive the server.
struct EntryServiceDeps {
  rpc::Guard& guard;
  EntryDesk& desk;
  const TrustLedger& ledger;
  const NetworkMapSource& network;
  telemetry::Logger& logger;
};

// EntryService of the API: entries and join tokens.
std::unique_ptr<grpc::Service> MakeEntryService(EntryServiceDeps deps);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_ENTRY_SERVICE_H_
