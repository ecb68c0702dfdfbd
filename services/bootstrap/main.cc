#include "common/runtime/service_main.h"
#include "services/bootstrap/bootstrap_server.h"

int main(int argc, char** argv) {
  return omninode::runtime::RunService(omninode::bootstrap::BootstrapInfo(), argc, argv,
                                       omninode::bootstrap::MakeBootstrap);
}
