#include "common/runtime/instruments.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/load.h"
#include "common/config/test_folder.h"
#include "common/time/fake_clock.h"

namespace omninode::runtime {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class InstrumentsTest : public testing::Test {
 protected:
  InstrumentsTest() {
    info_.name = "registry";
    info_.admin_port = 8110;
    info_.rpcs = {"Register"};
  }

  absl::StatusOr<std::unique_ptr<Instruments>> Make(std::vector<std::string> flags) {
    const auto schema = config::Schema::Create(info_.name, "s", StandardOptions(info_));
    EXPECT_TRUE(schema.ok()) << schema.status();
    std::vector<const char*> args;
    for (const std::string& flag : flags) args.push_back(flag.c_str());
    const auto loaded = config::Load(*schema, args, [](std::string_view) { return std::nullopt; });
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return Instruments::Create(info_, loaded->values, clock_);
  }
  std::unique_ptr<Instruments> MakeWithFiles() {
    auto instruments = Make(
        {"--log.file=" + folder_.path("log"), "--log.security-file=" + folder_.path("security")});
    EXPECT_TRUE(instruments.ok()) << instruments.status();
    return *std::move(instruments);
  }

  FakeClock clock_;
  ServiceInfo info_;
  config::TestFolder folder_;
};

TEST_F(InstrumentsTest, KeepsSecurityEventsInTheirOwnFile) {
  const auto instruments = MakeWithFiles();
  instruments->logger().Info("hello");
  instruments->logger().SetLevel(telemetry::LogLevel::kError);
  instruments->security().Rejected({.reason = Reason::kSigInvalid, .rpc = "Register"},
                                   clock_.Now());
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"hello")"));
  EXPECT_THAT(folder_.Read("log"), Not(HasSubstr("reject")));
  EXPECT_THAT(folder_.Read("security"), HasSubstr(R"("event":"reject")"));
}

TEST_F(InstrumentsTest, PutsSecurityEventsIntoTheLogWithoutAFileOfTheirOwn) {
  const auto instruments = Make({"--log.file=" + folder_.path("log"), "--log.level=error"});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  (*instruments)->security().Rejected({.reason = Reason::kSigInvalid}, clock_.Now());
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"reject")"));
}

TEST_F(InstrumentsTest, OpensBothFilesAnew) {
  const auto instruments = MakeWithFiles();
  for (const std::string name : {"log", "security"}) {
    std::filesystem::rename(folder_.path(name), folder_.path(name + ".1"));
  }
  ASSERT_TRUE(instruments->ReopenLogs().ok());
  instruments->logger().Info("fresh");
  instruments->security().Rejected({.reason = Reason::kSigInvalid}, clock_.Now());
  EXPECT_THAT(folder_.Read("log"), HasSubstr("fresh"));
  EXPECT_THAT(folder_.Read("security"), HasSubstr("reject"));
  EXPECT_THAT(folder_.Read("log.1"), IsEmpty());
}

TEST_F(InstrumentsTest, TellsOfSuppressedEventsInTimeAndAtTheEnd) {
  const auto instruments = MakeWithFiles();
  const auto flood = [&] {
    for (std::uint64_t i = 0; i < telemetry::SecurityLog::kBurst + 2; ++i) {
      instruments->security().Rejected({.reason = Reason::kSigInvalid}, clock_.Now());
    }
  };
  flood();
  instruments->Tick(clock_.Now());
  EXPECT_THAT(folder_.Read("security"), Not(HasSubstr("suppressed")));
  clock_.Advance(telemetry::SecurityLog::kWindow);
  instruments->Tick(clock_.Now());
  EXPECT_THAT(folder_.Read("security"), HasSubstr(R"("suppressed":2)"));

  flood();
  ASSERT_TRUE(instruments->ReopenLogs().ok());
  std::filesystem::resize_file(folder_.path("security"), 0);
  instruments->Flush();
  EXPECT_THAT(folder_.Read("security"), HasSubstr(R"("suppressed":2)"));
}

TEST_F(InstrumentsTest, CountsLostLines) {
  const auto instruments = Make({"--log.file=/dev/full"});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  (*instruments)->logger().Info("lost");
  (*instruments)->Tick(clock_.Now());
  EXPECT_THAT((*instruments)->metrics().Render(), HasSubstr("\nomninode_log_lines_dropped 1\n"));
}

TEST_F(InstrumentsTest, TellsVersionAndStart) {
  const std::string text = MakeWithFiles()->metrics().Render();
  EXPECT_THAT(text, HasSubstr("omninode_build_info{version=\""));
  EXPECT_THAT(text, HasSubstr("omninode_process_start_time_seconds 1800000000\n"));
}

TEST_F(InstrumentsTest, RefusesAFileThatCannotBeOpenedAndAMetricDeclaredTwice) {
  EXPECT_FALSE(Make({"--log.file=" + std::string("/dev/null/log")}).ok());
  EXPECT_FALSE(Make({"--log.security-file=" + std::string("/dev/null/log")}).ok());
  info_.metrics = {{"omninode_ready", telemetry::MetricType::kGauge, "h", "1"}};
  EXPECT_EQ(Make({}).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(InstrumentsTest, DeclaresOnlyMetricsThatAreWellFormed) {
  for (const auto& definition : AllMetrics(info_)) {
    EXPECT_TRUE(telemetry::Validate(definition).ok()) << telemetry::Validate(definition);
  }
}

}  // namespace
}  // namespace omninode::runtime
