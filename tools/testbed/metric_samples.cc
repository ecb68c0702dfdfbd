#include "tools/testbed/metric_samples.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "common/base/status.h"

namespace omninode::testbed {
namespace {

// A cursor over one line.
class Line final {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string TakeUntil(std::string_view stops) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
    rest_.remove_prefix(taken.size());
    return std::string(taken);
  }
  // Up to the closing quote, which goes too; nullopt without one.
  std::optional<std::string> TakeQuoted() {
    std::string text;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) {
        ++i;
        text += rest_[i] == 'n' ? '\n' : rest_[i];
      } else {
        text += rest_[i];
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

std::optional<double> ParseNumber(std::string_view text) {
  if (text == "+Inf") text = "inf";
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool ParseLabels(Line& line, Sample* sample) {
  while (!line.Take('}')) {
    const std::string name = line.TakeUntil("=}");
    if (name.empty() || !line.Take('=') || !line.Take('"')) return false;
    auto value = line.TakeQuoted();
    if (!value.has_value()) return false;
    sample->labels[name] = *std::move(value);
    line.Take(',');
  }
  return true;
}

std::optional<Sample> ParseSample(std::string_view text) {
  Line line(text);
  Sample sample;
  sample.name = line.TakeUntil("{ ");
  if (sample.name.empty()) return std::nullopt;
  if (line.Take('{') && !ParseLabels(line, &sample)) return std::nullopt;
  if (!line.Take(' ')) return std::nullopt;
  const auto value = ParseNumber(line.TakeUntil(" "));
  if (!value.has_value()) return std::nullopt;
  sample.value = *value;
  return sample;
}

bool HasLabels(const Sample& sample, const std::map<std::string, std::string>& labels) {
  return std::ranges::all_of(labels, [&](const auto& label) {
    const auto found = sample.labels.find(label.first);
    return found != sample.labels.end() && found->second == label.second;
  });
}

}  // namespace

absl::StatusOr<Samples> ParseSamples(std::string_view text) {
  Samples samples;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto sample = ParseSample(line);
    if (!sample.has_value()) {
      return Error(absl::StatusCode::kInvalidArgument, "line {} is not a sample: {}", number, line);
    }
    samples.push_back(*std::move(sample));
  }
  return samples;
}

double SumOf(const Samples& samples, std::string_view name,
             const std::map<std::string, std::string>& labels) {
  double sum = 0;
  for (const Sample& sample : samples) {
    if (sample.name == name && HasLabels(sample, labels)) sum += sample.value;
  }
  return sum;
}

}  // namespace omninode::testbed
