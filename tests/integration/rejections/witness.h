#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_WITNESS_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_WITNESS_H_

#include <map>
#include <string>
#include <vector>

#include "tests/integration/rejections/row.h"
#include "tests/integration/rejections/runners.h"
#include "tests/integration/rejections/world.h"
#include "tools/testbed/flat_json.h"
#include "tools/testbed/metric_samples.h"

namespace omninode::rejections {

// Remembers counters and logs of all services when it is made, and says later whether what has
// happened since is what a row promises. Fails by gtest's macros. The world outlives it.
class Witness final {
 public:
  explicit Witness(World& world);

  void Check(const Row& row, const Outcome& outcome);

 private:
  struct Before {
    pid_t pid = 0;  // a service that was started anew counts from zero
    testbed::Samples samples;
    std::size_t log_bytes = 0;
  };

  void CheckAnswer(const Row& row, const Outcome& outcome) const;
  void CheckCounters(const Row& row, int refused_before);
  void CheckLog(const Row& row, const Outcome& outcome);
  void CheckUntouched(const Row& row);
  void CheckProgram(const Row& row, const Outcome& outcome) const;
  void CheckSecrets(const Outcome& outcome);

  double Delta(const testbed::ServiceProcess& service, std::string_view name,
               const std::map<std::string, std::string>& labels);
  testbed::Samples SamplesOf(const testbed::ServiceProcess& service);
  std::string LogSince(const testbed::ServiceProcess& service) const;
  testbed::ServiceProcess& ServiceOf(std::string_view name);

  World& world_;
  std::map<std::string, Before, std::less<>> before_;
};

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_WITNESS_H_
