#include "services/registry/topology/namespace_info.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::registry {
namespace {

using Fields = NamespaceLimits::Fields;

TEST(NamespaceLimitsTest, AcceptsTheBoundsAndRefusesWhatLiesBeyond) {
  const Fields widest{.default_ttl = absl::Seconds(1),
                      .min_ttl = absl::Seconds(1),
                      .max_ttl = absl::Hours(24),
                      .max_nodes = NamespaceLimits::kMaxNodes};
  EXPECT_TRUE(NamespaceLimits::Create(widest).ok());
  Fields bad = widest;
  bad.min_ttl = absl::Milliseconds(999);
  EXPECT_EQ(ReasonOf(NamespaceLimits::Create(bad).status()), Reason::kArgumentInvalid);
  bad = widest;
  bad.max_ttl = absl::Hours(24) + absl::Nanoseconds(1);
  EXPECT_FALSE(NamespaceLimits::Create(bad).ok());
  bad = widest;
  bad.max_nodes = NamespaceLimits::kMaxNodes + 1;
  EXPECT_FALSE(NamespaceLimits::Create(bad).ok());
  bad.max_nodes = 0;
  EXPECT_FALSE(NamespaceLimits::Create(bad).ok());
  bad = widest;
  bad.default_ttl = absl::Hours(25);
  EXPECT_FALSE(NamespaceLimits::Create(bad).ok());
}

TEST(NamespaceLimitsTest, AZeroTtlIsTheDefault) {
  const NamespaceLimits limits = NamespaceLimits::Default();
  EXPECT_EQ(*limits.Resolve(absl::ZeroDuration()), limits.default_ttl());
  EXPECT_EQ(*limits.Resolve(limits.min_ttl()), limits.min_ttl());
  EXPECT_EQ(*limits.Resolve(limits.max_ttl()), limits.max_ttl());
  EXPECT_FALSE(limits.Resolve(limits.min_ttl() - absl::Nanoseconds(1)).ok());
  EXPECT_FALSE(limits.Resolve(limits.max_ttl() + absl::Nanoseconds(1)).ok());
}

}  // namespace
}  // namespace omninode::registry
