// The bench as people and scripts call it, each scenario for a moment.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/status.h"
#include "tools/testbed/process.h"
#include "tools/testbed/temporary_folder.h"
#include "tools/testbed/wait.h"

namespace omninode {
namespace {

using nlohmann::json;
using testbed::ExitState;
using testbed::Process;

constexpr absl::Duration kTimeout = absl::Minutes(2);

std::string ReadAll(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class BenchTest : public testing::Test {
 protected:
  std::unique_ptr<Process> Start(const std::vector<std::string>& words) {
    std::vector<std::string> argv = {OMNINODE_BIN_DIR "/omninode_bench"};
    argv.insert(argv.end(), words.begin(), words.end());
    auto process = Process::Start({.name = "bench",
                                   .argv = std::move(argv),
                                   // Its temporary folder lies in ours, so that we see it go.
                                   .env = {{"TMPDIR", folder_.path()}},
                                   .stdout_path = Out(),
                                   .stderr_path = Err()});
    EXPECT_TRUE(process.ok()) << process.status();
    return process.ok() ? *std::move(process) : nullptr;
  }

  json Measure(const std::vector<std::string>& words) {
    const auto process = Start(words);
    if (process == nullptr) return {};
    const auto exit = process->WaitExit(kTimeout);
    EXPECT_TRUE(exit.ok() && exit->ok()) << (exit.ok() ? exit->ToString() : "") << ReadAll(Err());
    const json report = json::parse(ReadAll(Out()), nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(report.is_object()) << ReadAll(Out());
    return report;
  }

  void ExpectComplete(const json& report, const std::string& scenario) {
    EXPECT_EQ(report["scenario"], scenario);
    for (const char* key : {"figure", "p50_ms", "p95_ms", "p99_ms", "cpu_us_per_op",
                            "fraction_of_ceiling", "seconds", "operations", "ceiling", "cpus"}) {
      ASSERT_TRUE(report.contains(key) && report[key].is_number()) << key;
      EXPECT_GT(report[key].get<double>(), 0) << key;
    }
    for (const char* key : {"in_flight", "watchers", "nodes"}) {
      EXPECT_TRUE(report.contains(key) && report[key].is_number_unsigned()) << key;
    }
    for (const char* key : {"unit", "algorithm", "ceiling_unit"}) {
      ASSERT_TRUE(report.contains(key) && report[key].is_string()) << key;
      EXPECT_FALSE(report[key].get<std::string>().empty()) << key;
    }
    EXPECT_EQ(report["errors"], 0);
    EXPECT_TRUE(report["versions"].is_object());
    EXPECT_LE(report["p50_ms"], report["p95_ms"]);
    EXPECT_LE(report["p95_ms"], report["p99_ms"]);
    ASSERT_TRUE(report["runs"].is_array());
    EXPECT_FALSE(report["runs"].empty());
  }

  // Only what we write ourselves is left in the folder.
  bool NothingLeft() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path() != Out() && entry.path() != Err()) return false;
    }
    return true;
  }

  std::string Out() const { return folder_.path() + "/out"; }
  std::string Err() const { return folder_.path() + "/err"; }

  testbed::TemporaryFolder folder_;
};

TEST_F(BenchTest, MeasuresRegistrations) {
  const json report = Measure({"R1", "--seconds", "1", "--nodes", "20", "--json"});
  ExpectComplete(report, "R1");
  EXPECT_EQ(report["unit"], "registrations/s");
  EXPECT_EQ(report["runs"].size(), 3u);
  EXPECT_EQ(report["in_flight"], 100);
  EXPECT_TRUE(NothingLeft());
}

TEST_F(BenchTest, MeasuresOtherAlgorithms) {
  const json report =
      Measure({"R1", "--seconds", "1", "--in-flight", "4", "--algorithm", "ed25519", "--json"});
  ExpectComplete(report, "R1");
  EXPECT_EQ(report["algorithm"], "ed25519");
  EXPECT_EQ(report["runs"].size(), 1u);
}

TEST_F(BenchTest, MeasuresFanOut) {
  const json report = Measure({"W1", "--seconds", "1", "--watchers", "10", "--json"});
  ExpectComplete(report, "W1");
  EXPECT_EQ(report["watchers"], 10);
  EXPECT_EQ(report["operations"], 10);  // one change every 100 ms
}

TEST_F(BenchTest, MeasuresGrowth) {
  const json report = Measure({"G1", "--nodes", "300", "--json"});
  ExpectComplete(report, "G1");
  EXPECT_EQ(report["nodes"], 300);
  EXPECT_GT(report["runs"][0]["restart_ms"], 0);
  EXPECT_GT(report["runs"][0]["disk_per_node"], 0);
}

TEST_F(BenchTest, WithoutJsonItWritesATable) {
  const auto process = Start({"W1", "--seconds", "1", "--watchers", "2"});
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(process->WaitExit(kTimeout).ok());
  EXPECT_NE(ReadAll(Out()).find("\nW1: "), std::string::npos) << ReadAll(Out()) << ReadAll(Err());
}

TEST_F(BenchTest, AWrongFlagIsOneLineAndExitCode64) {
  const auto process = Start({"R1", "--algorithm", "dsa"});
  ASSERT_NE(process, nullptr);
  EXPECT_EQ(*process->WaitExit(kTimeout), (ExitState{64, std::nullopt}));
  EXPECT_EQ(ReadAll(Err()),
            "omninode_bench: --algorithm 'dsa' is none of p256, rsa2048, ed25519; "
            "see omninode_bench --help\n");
  EXPECT_EQ(ReadAll(Out()), "");
}

TEST_F(BenchTest, AtCtrlCItStopsWhatItStartedAndLeavesNothing) {
  const auto process = Start({"R1", "--seconds", "60", "--nodes", "20"});
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(testbed::WaitUntil(kTimeout, [&] {
    return ReadAll(Err()).find("measuring") != std::string::npos;
  })) << ReadAll(Err());
  ASSERT_TRUE(process->Signal(SIGINT).ok());
  const auto exit = process->WaitExit(absl::Seconds(20));
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_FALSE(exit->ok());
  EXPECT_TRUE(NothingLeft());
  EXPECT_NE(ReadAll(Err()).find("interrupted"), std::string::npos);
}

}  // namespace
}  // namespace omninode
