#include "common/directory/capability.h"

#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Attribute;

static_assert(!std::is_convertible_v<Capability, Label> && !std::is_same_v<Capability, Label>);

TEST(CapabilityTest, KeepsNameAndValue) {
  const auto capability = Capability::Create(Attribute("max_jobs"), "40").value();
  EXPECT_EQ(capability.name().value(), "max_jobs");
  EXPECT_EQ(capability.value(), "40");
  EXPECT_TRUE(Label::Create(Attribute("spare"), "").ok());
}

TEST(CapabilityTest, TakesAValueAtTheBoundAndRefusesOneByteMore) {
  EXPECT_TRUE(Capability::Create(Attribute("a"), std::string(256, 'x')).ok());
  EXPECT_EQ(ReasonOf(Capability::Create(Attribute("a"), std::string(257, 'x')).status()),
            Reason::kArgumentInvalid);
  EXPECT_FALSE(Label::Create(Attribute("a"), std::string(257, 'x')).ok());
}

TEST(CapabilityTest, RefusesInvisibleAndMalformedValues) {
  EXPECT_EQ(ReasonOf(Label::Create(Attribute("a"), "x\u200by").status()), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(Label::Create(Attribute("a"), "\xff").status()), Reason::kMsgMalformed);
}

TEST(CapabilityTest, SortsByNameThenValue) {
  const auto a2 = Label::Create(Attribute("a"), "2").value();
  const auto b1 = Label::Create(Attribute("b"), "1").value();
  EXPECT_LT(a2, b1);
  EXPECT_LT(Label::Create(Attribute("a"), "1").value(), a2);
}

}  // namespace
}  // namespace omninode::directory
