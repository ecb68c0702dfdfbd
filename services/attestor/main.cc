#include "common/runtime/service_main.h"
#include "services/attestor/attestor_server.h"

int main(int argc, char** argv) {
  return omninode::runtime::RunService(omninode::attestor::AttestorInfo(), argc, argv,
                                       omninode::attestor::MakeAttestor);
}
