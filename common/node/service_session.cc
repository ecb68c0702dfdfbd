#include "common/node/service_session.h"

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/identity/principal.h"

namespace omninode::node {

absl::StatusOr<std::unique_ptr<NodeSession>> RegisterService(ServiceSelf self, const Clock& clock,
                                                             identity::SvidSource& svids,
                                                             const identity::TrustSource& trust,
                                                             telemetry::Logger& logger) {
  const identity::SpiffeId id = svids.Current()->id();
  OMNI_ASSIGN_OR_RETURN(const identity::Principal principal, identity::Principal::From(id));
  const auto* service = principal.As<identity::ServiceIdentity>();
  if (service == nullptr) {
    return Reject(Reason::kRoleRequired, "'{}' is not the identity of a service", id.ToString());
  }
  directory::Introspection::Fields fields{.ns = std::string(identity::kSystemNamespace),
                                          .node_type = service->name.value(),
                                          .node_id = service->instance.value(),
                                          .version = std::move(self.version)};
  if (!self.grpc_address.empty()) {
    fields.endpoints.emplace_back("grpc", "grpcs://" + self.grpc_address);
  }
  if (!self.admin_address.empty()) {
    fields.endpoints.emplace_back("admin", "http://" + self.admin_address);
  }
  OMNI_ASSIGN_OR_RETURN(auto introspection, directory::Introspection::Create(std::move(fields)));
  OMNI_ASSIGN_OR_RETURN(auto channels,
                        RegistryChannels::Create({.addresses = std::move(self.registry_addresses),
                                                  .svids = &svids,
                                                  .trust = &trust,
                                                  .clock = &clock}));
  return std::make_unique<NodeSession>(
      NodeSession::Deps{std::move(channels), &clock, &svids, &logger},
      NodeSession::Options{.network = std::move(self.network),
                           .introspection = std::move(introspection)});
}

}  // namespace omninode::node
