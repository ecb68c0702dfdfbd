#include "tests/integration/rejections/runners.h"

namespace omninode::rejections {

Runners AllRunners() {
  Runners rows;
  for (const auto add : {AddSignatureRows, AddSpeakerRows, AddTimeRows, AddSequenceRows,
                         AddMessageRows, AddNameRows, AddTenancyRows, AddTokenRows, AddCsrRows,
                         AddRevocationRows, AddCertificateRows, AddTextRows, AddLocalRows}) {
    add(rows);
  }
  return rows;
}

}  // namespace omninode::rejections
