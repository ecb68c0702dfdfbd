#include "services/registry/admission/clock_rule.h"

#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::registry {

absl::Status JudgeTimes(const SignedTimes& times, absl::Time now, absl::Duration window) {
  const auto reject = [now](absl::Status status) {
    return WithMetadata(std::move(status), "server_time", omninode::FormatTime(now));
  };
  if (times.signed_at > now + window) {
    return reject(Reject(Reason::kClockSkew, "signed {} ahead of this registry's clock",
                         FormatDuration(times.signed_at - now)));
  }
  // A sequence from the future would lock the node out of its own id until then.
  const std::int64_t newest = absl::ToUnixMicros(times.signed_at + window);
  if (newest < 0 || times.sequence > static_cast<std::uint64_t>(newest)) {
    return reject(Reject(Reason::kClockSkew, "sequence {} lies ahead of signed_at {}",
                         times.sequence, omninode::FormatTime(times.signed_at)));
  }
  if (times.signed_at >= now - window) return absl::OkStatus();
  if (times.signed_at < times.leaf_not_before) {
    return reject(Reject(Reason::kClockSkew, "signed {} before its certificate was issued",
                         FormatDuration(times.leaf_not_before - times.signed_at)));
  }
  return reject(Reject(Reason::kMessageExpired, "signed {} ago; sign again with the same sequence",
                       FormatDuration(now - times.signed_at)));
}

}  // namespace omninode::registry
