#include "common/enrollment/membership.h"

#include <rapidcheck/gtest.h>

namespace omninode::enrollment {
namespace {

// What a fleet does with its certificates, whenever it got them and however long they live.
RC_GTEST_PROP(RenewalTimeProperty, IsAroundHalfOfTheLifeThatIsLeft, (std::uint64_t random)) {
  const absl::Time acquired = absl::FromUnixSeconds(1'800'000'000);
  const absl::Duration left = absl::Seconds(*rc::gen::inRange(1, 86'400));
  const absl::Time due = RenewalTime(acquired, acquired + left, random);
  RC_ASSERT(due >= acquired + left * 0.4 - absl::Microseconds(1));
  RC_ASSERT(due <= acquired + left * 0.6 + absl::Microseconds(1));
}

RC_GTEST_PROP(RenewalTimeProperty, OfWhatHasEndedIsAtOnce, (std::uint64_t random)) {
  const absl::Time acquired = absl::FromUnixSeconds(1'800'000'000);
  RC_ASSERT(RenewalTime(acquired, acquired - absl::Seconds(1), random) == acquired);
}

}  // namespace
}  // namespace omninode::enrollment
