#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CURSOR_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CURSOR_H_

#include <cstdint>
#include <optional>

#include <absl/time/time.h>

#include "common/time/monotonic_time.h"

namespace omninode::bootstrap {

// What one trust stream has said, and so what it says next. Pure; not thread-safe.
class TrustCursor final {
 public:
  // Without a change, a word is said so often at least (as often as somebody asks Next).
  static constexpr absl::Duration kKeepAlive = absl::Seconds(2);

  // `known_sequence`: what the follower has already.
  explicit TrustCursor(std::uint64_t known_sequence) : sequence_(known_sequence) {}

  enum class Step : std::uint8_t {
    kState,      // the whole state
    kKeepAlive,  // the sequence alone
    kWait,
  };
  // Whatever the step, it is taken as said. The first one is never kWait, so that the follower
  // hears at once that he is up to date. A smaller sequence than known is a change as well: the
  // follower has to learn that this is another network's, or an older database.
  Step Next(std::uint64_t sequence, MonotonicTime now) {
    const Step step = sequence != sequence_                                    ? Step::kState
                      : !said_at_.has_value() || now >= *said_at_ + kKeepAlive ? Step::kKeepAlive
                                                                               : Step::kWait;
    if (step == Step::kWait) return step;
    sequence_ = sequence;
    said_at_ = now;
    return step;
  }

 private:
  std::uint64_t sequence_;
  std::optional<MonotonicTime> said_at_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CURSOR_H_
