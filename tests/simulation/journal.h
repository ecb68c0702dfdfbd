#ifndef OMNINODE_TESTS_SIMULATION_JOURNAL_H_
#define OMNINODE_TESTS_SIMULATION_JOURNAL_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/crypto/digest.h"
#include "common/time/clock.h"

namespace omninode::registry::simulation {

// What happened, a line each, with the virtual time. Two runs of one seed write the same journal.
// Also counts, and keeps the first violation of an invariant.
class Journal final {
 public:
  explicit Journal(const Clock& clock) : clock_(clock), start_(clock.Monotonic()) {}

  template <typename... Args>
  void Line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), "{} ", absl::ToInt64Milliseconds(elapsed()));
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }
  template <typename... Args>
  void Violation(fmt::format_string<Args...> format, Args&&... args) {
    std::string message = fmt::format(format, std::forward<Args>(args)...);
    Line("VIOLATION {}", message);
    if (violation_.empty()) violation_ = std::move(message);
  }
  void Count(const std::string& what) { ++counts_[what]; }

  absl::Duration elapsed() const { return clock_.Monotonic() - start_; }
  const std::string& text() const { return text_; }
  const std::string& violation() const { return violation_; }
  const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  const Clock& clock_;
  const MonotonicTime start_;
  std::string text_;
  std::string violation_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace omninode::registry::simulation

#endif  // OMNINODE_TESTS_SIMULATION_JOURNAL_H_
