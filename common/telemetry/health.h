#ifndef OMNINODE_COMMON_TELEMETRY_HEALTH_H_
#define OMNINODE_COMMON_TELEMETRY_HEALTH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>

#include "common/base/mutex.h"

namespace omninode::telemetry {

inline constexpr std::size_t kMaxHealthConditions = 64;
inline constexpr std::size_t kMaxHealthDetailBytes = 512;

enum class HealthState : std::uint8_t {
  kOk,
  kWarning,  // somebody should look (a CA at its last sixth), the service goes on
  kFailed,   // not ready: no traffic should come here
};

std::string_view NameOf(HealthState state);  // "ok", "warning", "failed"

struct HealthCondition {
  std::string name;
  HealthState state = HealthState::kFailed;
  std::string detail;  // for people: what is wrong and what to do
  absl::Time since;    // when the state, not the detail, changed last
};

// Whether a process is ready for traffic, and why not: the source of /readyz, of gRPC health and of
// `omnictl check`. Ready means: there is a condition, and none has failed. Thread-safe.
class Health final {
 public:
  // Adds the condition or changes it. False when it would be one more than kMaxHealthConditions;
  // then the process counts as not ready, because something is known that is not shown.
  bool Set(std::string_view name, HealthState state, std::string_view detail, absl::Time now);
  // For conditions whose subject is gone (a peer that was removed).
  void Remove(std::string_view name);

  bool Ready() const;
  std::vector<HealthCondition> Conditions() const;  // by name

  // {"ready":false,"conditions":[{"name":"store","state":"failed","ok":false,"detail":"..",
  //  "since":"2026-01-02T03:04:05.678Z"}]}; printable ASCII, one line.
  std::string Json() const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, HealthCondition, std::less<>> conditions_ ABSL_GUARDED_BY(mutex_);
  bool overflowed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_HEALTH_H_
