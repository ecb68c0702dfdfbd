#include "services/registry/topology/namespace_info.h"

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::registry {

absl::StatusOr<NamespaceLimits> NamespaceLimits::Create(const Fields& fields) {
  if (fields.min_ttl < ShortestTtl() || fields.max_ttl > LongestTtl() ||
      fields.min_ttl > fields.default_ttl || fields.default_ttl > fields.max_ttl) {
    return Reject(Reason::kArgumentInvalid,
                  "limits: need {} <= min_ttl {} <= default_ttl {} <= max_ttl {} <= {}",
                  FormatDuration(ShortestTtl()), FormatDuration(fields.min_ttl),
                  FormatDuration(fields.default_ttl), FormatDuration(fields.max_ttl),
                  FormatDuration(LongestTtl()));
  }
  if (fields.max_nodes == 0 || fields.max_nodes > kMaxNodes) {
    return Reject(Reason::kArgumentInvalid, "limits.max_nodes: {} is not between 1 and {}",
                  fields.max_nodes, kMaxNodes);
  }
  return NamespaceLimits(fields);
}

NamespaceLimits NamespaceLimits::Default() {
  auto limits = Create(Fields{});
  OMNI_CHECK(limits.ok());
  return *limits;
}

absl::StatusOr<absl::Duration> NamespaceLimits::Resolve(absl::Duration requested) const {
  if (requested == absl::ZeroDuration()) return default_ttl();
  if (requested < min_ttl() || requested > max_ttl()) {
    return Reject(Reason::kArgumentInvalid, "ttl: {} is not between {} and {}",
                  FormatDuration(requested), FormatDuration(min_ttl()), FormatDuration(max_ttl()));
  }
  return requested;
}

}  // namespace omninode::registry
