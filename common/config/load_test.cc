#include "common/config/load.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LoadTest : public testing::Test {
 protected:
  static Schema TestSchema() {
    auto schema = Schema::Create(
        "registry", "s",
        {DurationOption("lease.ttl", absl::Seconds(30), absl::Seconds(1), absl::Minutes(10), "h"),
         UintOption("shards", 1, 1, 64, "h"), ListOption("tags", {}, 4, "h"),
         Secret(StringOption("store.password", "", "h"))});
    EXPECT_TRUE(schema.ok()) << schema.status();
    return *std::move(schema);
  }

  void File(std::string_view text, mode_t mode = 0644) {
    config_ = "--config=" + folder_.Write("registry.yaml", text, mode);
  }
  absl::StatusOr<Loaded> Try(std::vector<const char*> args = {}) {
    if (!config_.empty()) args.push_back(config_.c_str());
    return Load(TestSchema(), args, [this](std::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    });
  }
  // The error without the folder of the test.
  std::string Problem(ExitCode code, std::vector<const char*> args = {}) {
    const auto loaded = Try(std::move(args));
    EXPECT_EQ(ExitCodeFor(loaded.status()), code) << loaded.status();
    std::string message(Message(loaded.status()));
    for (auto at = message.find(folder_.path()); at != std::string::npos;
         at = message.find(folder_.path())) {
      message.erase(at, folder_.path().size() + 1);
    }
    return message;
  }

  TestFolder folder_;
  std::string config_;
  std::map<std::string, std::string, std::less<>> environment_;
};

TEST_F(LoadTest, LaysFileEnvironmentAndFlagsOverTheDefaults) {
  EXPECT_EQ(Try()->values.GetDuration("lease.ttl"), absl::Seconds(30));
  File("lease:\n  ttl: 5s\n");
  EXPECT_EQ(Try()->values.GetDuration("lease.ttl"), absl::Seconds(5));
  environment_["OMNINODE_REGISTRY_LEASE_TTL"] = "6s";
  EXPECT_EQ(Try()->values.GetDuration("lease.ttl"), absl::Seconds(6));
  const auto loaded = Try({"--lease.ttl", "7s"});
  EXPECT_EQ(loaded->values.GetDuration("lease.ttl"), absl::Seconds(7));
  EXPECT_EQ(loaded->values.At("lease.ttl").source, Source::kFlag);
  EXPECT_EQ(loaded->values.At("shards").source, Source::kDefault);
}

TEST_F(LoadTest, TakesTheFileFromTheEnvironmentToo) {
  environment_["OMNINODE_REGISTRY_CONFIG"] = folder_.Write("other.yaml", "shards: 2\n");
  EXPECT_EQ(Try()->values.GetUint("shards"), 2u);
  File("shards: 3\n");
  EXPECT_EQ(Try()->values.GetUint("shards"), 3u);
}

TEST_F(LoadTest, NamesTheLineOfAnUnknownKeyAndHints) {
  File("shards: 2\nlease:\n  tll: 5s\n");
  EXPECT_EQ(Problem(ExitCode::kConfiguration),
            "registry.yaml:3: unknown key lease.tll; did you mean lease.ttl?");
}

TEST_F(LoadTest, NamesTheLineOfABadValue) {
  File("shards: 2\nlease.ttl: 1h\n");
  EXPECT_EQ(Problem(ExitCode::kConfiguration),
            "registry.yaml:2: lease.ttl: 1h is above the maximum 10m");
  File("shards: [1, 2]\n");
  EXPECT_EQ(Problem(ExitCode::kConfiguration),
            "registry.yaml:1: shards: is one number, not a list");
  File("shards: 2\nshards: 3\n");
  EXPECT_EQ(Problem(ExitCode::kConfiguration), "registry.yaml:2: shards is given twice");
}

TEST_F(LoadTest, NamesTheVariableOfABadValue) {
  environment_["OMNINODE_REGISTRY_SHARDS"] = "many";
  EXPECT_EQ(Problem(ExitCode::kConfiguration),
            "OMNINODE_REGISTRY_SHARDS: shards: 'many' is not a whole number");
}

TEST_F(LoadTest, NamesTheFlagOfABadValue) {
  EXPECT_EQ(Problem(ExitCode::kUsage, {"--shards=65"}), "--shards: 65 is above the maximum 64");
  EXPECT_EQ(Problem(ExitCode::kUsage, {"--shards=1", "--shards=2"}),
            "--shards: is given 2 times; give it once");
  EXPECT_THAT(Problem(ExitCode::kUsage, {"--shrads=1"}), HasSubstr("did you mean --shards?"));
}

TEST_F(LoadTest, SaysWhichFileIsMissing) {
  config_ = "--config=" + folder_.path("none.yaml");
  EXPECT_EQ(Problem(ExitCode::kMissingInput),
            "cannot open the configuration file none.yaml: No such file or directory");
}

TEST_F(LoadTest, TakesASecretFromAPrivateFileOnly) {
  File("shards: 2\nstore.password: canary\n", 0600);
  EXPECT_EQ(Try()->values.GetString("store.password"), "canary");

  File("shards: 2\nstore.password: canary\n", 0640);
  const std::string problem = Problem(ExitCode::kConfiguration);
  EXPECT_EQ(problem,
            "registry.yaml:2: store.password is a secret, and others may read this file (mode "
            "0640); chmod 600 registry.yaml");
  EXPECT_EQ(ReasonOf(Try().status()), Reason::kKeyFileMode);

  File("shards: 2\n", 0644);
  EXPECT_TRUE(Try().ok());
  environment_["OMNINODE_REGISTRY_STORE_PASSWORD"] = "canary";
  EXPECT_THAT(Problem(ExitCode::kConfiguration),
              StartsWith("OMNINODE_REGISTRY_STORE_PASSWORD: secrets do not belong in"));
}

TEST_F(LoadTest, SaysHowToGiveWhatIsRequired) {
  const auto schema = Schema::Create("x", "s", {Required(PathOption("data_dir", "", "h"))});
  const auto nothing = [](std::string_view) { return std::nullopt; };
  const auto loaded = Load(*schema, {}, nothing);
  EXPECT_EQ(Message(loaded.status()),
            "data_dir is missing; set it in the configuration file, by OMNINODE_X_DATA_DIR or by "
            "--data-dir");
  EXPECT_EQ(ExitCodeFor(loaded.status()), ExitCode::kConfiguration);
  const std::vector<const char*> help = {"--help"};
  EXPECT_TRUE(Load(*schema, help, nothing).ok());
  const std::vector<const char*> given = {"--data-dir=/d"};
  EXPECT_EQ(Load(*schema, given, nothing)->values.GetString("data_dir"), "/d");
}

TEST_F(LoadTest, HelpDoesNotNeedAGoodFile) {
  File("nonsense: [\n");
  EXPECT_EQ(Try({"--help"})->mode, Mode::kHelp);
  EXPECT_EQ(Try({"--version"})->mode, Mode::kVersion);
  EXPECT_FALSE(Try({"--check-config"}).ok());
}

}  // namespace
}  // namespace omninode::config
