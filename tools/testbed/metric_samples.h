#ifndef OMNINODE_TOOLS_TESTBED_METRIC_SAMPLES_H_
#define OMNINODE_TOOLS_TESTBED_METRIC_SAMPLES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace omninode::testbed {

// One line of what /metrics answers.
struct Sample {
  std::string name;
  std::map<std::string, std::string, std::less<>> labels;
  double value = 0;

  friend bool operator==(const Sample&, const Sample&) = default;
};
using Samples = std::vector<Sample>;

// From the text format of Prometheus, version 0.0.4. INVALID_ARGUMENT with the number of the line
// that is not in it.
absl::StatusOr<Samples> ParseSamples(std::string_view text);

// The sum of the samples of that name that have at least these labels; 0 without any.
double SumOf(const Samples& samples, std::string_view name,
             const std::map<std::string, std::string>& labels = {});

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_METRIC_SAMPLES_H_
