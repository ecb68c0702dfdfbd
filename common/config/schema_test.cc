#include "common/config/schema.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::config {
namespace {

using testing::HasSubstr;

std::string Problem(std::vector<Option> options) {
  const auto schema = Schema::Create("registry", "Keeps the topology.", std::move(options));
  return schema.ok() ? "" : std::string(Message(schema.status()));
}

TEST(Schema, DerivesNamesFromKeys) {
  const auto schema =
      Schema::Create("my-service", "s", {StringOption("admission.max_clock_skew", "", "h")});
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->program(), "omninode-my-service");
  EXPECT_EQ(schema->EnvironmentName("admission.max_clock_skew"),
            "OMNINODE_MY_SERVICE_ADMISSION_MAX_CLOCK_SKEW");
  EXPECT_EQ(FlagName("admission.max_clock_skew"), "--admission.max-clock-skew");
  EXPECT_NE(schema->Find("admission.max_clock_skew"), nullptr);
  EXPECT_EQ(schema->Find("admission"), nullptr);
}

TEST(Schema, RefusesATableThatContradictsItself) {
  const Option good = StringOption("a.b", "", "h");
  EXPECT_EQ(Problem({good}), "");
  EXPECT_THAT(Problem({good, good}), HasSubstr("twice"));
  EXPECT_THAT(Problem({good, StringOption("a", "", "h")}), HasSubstr("section of a.b"));
  EXPECT_THAT(Problem({good, StringOption("a_b", "", "h")}), HasSubstr("same environment name"));
  EXPECT_THAT(Problem({StringOption("A", "", "h")}), HasSubstr("[a-z0-9_]"));
  EXPECT_THAT(Problem({StringOption("a..b", "", "h")}), HasSubstr("[a-z0-9_]"));
  EXPECT_THAT(Problem({StringOption("a", "", "")}), HasSubstr("help"));
  EXPECT_THAT(Problem({StringOption("check_config", "", "h")}), HasSubstr("taken"));
}

TEST(Schema, RefusesNamesThatKubernetesSetsForAService) {
  for (const std::string key : {"port", "port.x", "service.host"}) {
    EXPECT_THAT(Problem({StringOption(key, "", "h")}), HasSubstr("Kubernetes")) << key;
  }
  EXPECT_EQ(Problem({StringOption("ports", "", "h")}), "");
}

TEST(Schema, ChecksDefaultsLikeInput) {
  EXPECT_THAT(Problem({UintOption("a", 1, 2, 3, "h")}), HasSubstr("the default 1 is below"));
  EXPECT_THAT(Problem({EnumOption("a", "z", {"x"}, "h")}), HasSubstr("none of x"));
  EXPECT_THAT(Problem({ListOption("a", {"x", "y"}, 1, "h")}), HasSubstr("at most 1"));
  EXPECT_THAT(Problem({Required(StringOption("a", "x", "h"))}), HasSubstr("no default"));
  EXPECT_EQ(Problem({Required(AddressOption("a", "", "h"))}), "");
  EXPECT_THAT(Problem({Secret(StringOption("a", "x", "h"))}), HasSubstr("without a default"));
  EXPECT_THAT(Problem({Secret(PathOption("a", "", "h"))}), HasSubstr("secret is a string"));
}

TEST(Schema, HintsAtTheNearestKey) {
  const auto schema = Schema::Create(
      "registry", "s", {StringOption("lease.ttl", "", "h"), StringOption("lease.max", "", "h")});
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(schema->Hint("laese.ttl"), "; did you mean lease.ttl?");
  EXPECT_EQ(schema->Hint("lease"), "; it is a section with keys like lease.ttl");
  EXPECT_EQ(schema->Hint("colour"), "");
}

TEST(Nearest, CountsEditsUpToAThird) {
  const std::vector<std::string> words = {"kitten", "mitten", "a"};
  EXPECT_EQ(Nearest("kiten", words), "kitten");
  EXPECT_EQ(Nearest("smitten", words), "mitten");
  EXPECT_EQ(Nearest("sitting", {"kitten"}), std::nullopt);
  EXPECT_EQ(Nearest("xyzxyz", words), std::nullopt);
  EXPECT_EQ(Nearest("", {}), std::nullopt);
  EXPECT_EQ(Nearest(std::string(200, 'x'), {std::string(200, 'x')}), std::nullopt);
}

}  // namespace
}  // namespace omninode::config
