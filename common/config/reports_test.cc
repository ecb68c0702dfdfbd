#include "common/config/reports.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/load.h"
#include "common/config/test_folder.h"

namespace omninode::config {
namespace {

using testing::HasSubstr;

Schema TestSchema() {
  auto schema = Schema::Create(
      "registry", "Keeps the topology.",
      {DurationOption("lease.ttl", absl::Seconds(30), absl::Seconds(1), absl::Minutes(10),
                      "How long a node lives without a beat."),
       EnumOption("store.kind", "sqlite", {"sqlite", "postgres"}, "Where state | history is kept."),
       BoolOption("drain", true, "Wait for watchers."),
       AddressOption("listen", "[::1]:7110", "Where to listen."),
       ListOption("tags", {"a", "b"}, 4, "Tags."),
       Secret(StringOption("store.password", "", "Password of the store."))},
      {{"run", "serve"}, {"init", "make the data folder"}});
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

std::optional<std::string> NoEnvironment(std::string_view) { return std::nullopt; }

TEST(HelpText, NamesEveryOptionWithDefaultBoundsAndVariable) {
  const std::string help = HelpText(TestSchema());
  EXPECT_THAT(help, HasSubstr("Usage: omninode-registry [verb] [--config FILE] [options]\n"));
  EXPECT_THAT(help, HasSubstr("  init\n      make the data folder\n"));
  EXPECT_THAT(help, HasSubstr("  --lease.ttl <duration>\n"
                              "      How long a node lives without a beat. (default 30s; 1s to "
                              "10m; OMNINODE_REGISTRY_LEASE_TTL)\n"));
  EXPECT_THAT(help, HasSubstr("  --drain\n"));
  EXPECT_THAT(help, HasSubstr("  store.password\n      Password of the store. (configuration file "
                              "only)\n"));
}

TEST(ReferenceMarkdown, MakesATableRowForEachOption) {
  const std::string page = ReferenceMarkdown(TestSchema());
  EXPECT_THAT(page, testing::StartsWith("## omninode-registry\n\nKeeps the topology.\n\n* `run`"));
  EXPECT_THAT(page, HasSubstr("| `lease.ttl` | duration | `30s` | 1s to 10m | `--lease.ttl` "
                              "`OMNINODE_REGISTRY_LEASE_TTL` | How long a node lives without a "
                              "beat. |\n"));
  EXPECT_THAT(page, HasSubstr("state \\| history"));
}

TEST(EffectiveText, ShowsValuesWithTheirSourceAndHidesSecrets) {
  const TestFolder folder;
  const std::string flag =
      "--config=" + folder.Write("r.yaml", "store:\n  password: canary\n  kind: postgres\n");
  const std::vector<const char*> args = {flag.c_str(), "--drain=false"};
  const auto loaded = Load(TestSchema(), args, NoEnvironment);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(EffectiveText(TestSchema(), loaded->values),
            fmt::format("# omninode-registry: effective configuration\n"
                        "lease.ttl: 30s  # default\n"
                        "store.kind: \"postgres\"  # file {0}:3\n"
                        "drain: false  # flag --drain\n"
                        "listen: \"[::1]:7110\"  # default\n"
                        "tags: [\"a\", \"b\"]  # default\n"
                        "# store.password: (hidden)  # file {0}:2\n",
                        folder.path("r.yaml")));
}

TEST(EffectiveText, CanBeUsedAsAConfigurationFile) {
  const TestFolder folder;
  const std::vector<const char*> odd = {"--store.kind=postgres", "--tags=x: y,#z,\"", "--listen="};
  const auto first = Load(TestSchema(), odd, NoEnvironment);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = EffectiveText(TestSchema(), first->values);
  const std::string flag = "--config=" + folder.Write("r.yaml", text);
  const std::vector<const char*> args = {flag.c_str()};
  const auto second = Load(TestSchema(), args, NoEnvironment);
  ASSERT_TRUE(second.ok()) << second.status();
  for (const auto& [key, entry] : first->values.entries()) {
    EXPECT_EQ(FormatValue(second->values.At(key).value), FormatValue(entry.value)) << key;
  }
}

}  // namespace
}  // namespace omninode::config
