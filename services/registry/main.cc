#include "common/runtime/service_main.h"
#include "services/registry/registry_server.h"

int main(int argc, char** argv) {
  return omninode::runtime::RunService(omninode::registry::RegistryInfo(), argc, argv,
                                       omninode::registry::MakeRegistry);
}
