#include "common/runtime/service_main.h"

#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/host_port.h"
#include "common/config/test_folder.h"
#include "common/http/client.h"
#include "common/runtime/signals.h"

namespace omninode::runtime {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Calls = std::vector<std::string>;

// Notes what is asked of it, and does what the test gives it to do at the start.
class FakeService final : public Service {
 public:
  FakeService(Calls& calls, std::function<absl::Status()> at_start)
      : calls_(calls), at_start_(std::move(at_start)) {}
  ~FakeService() override { calls_.push_back("destroy"); }

  absl::Status Start() override {
    calls_.push_back("start");
    return at_start_ ? at_start_() : absl::OkStatus();
  }
  void Stop() override { calls_.push_back("stop"); }
  std::string address() const override { return "127.0.0.1:7110"; }
  void Reload() override { calls_.push_back("reload"); }

 private:
  Calls& calls_;
  const std::function<absl::Status()> at_start_;
};

class RunServiceTest : public testing::Test {
 protected:
  RunServiceTest() {
    BlockSignals();  // before the test's own threads too
    info_.name = "registry";
    info_.summary = "Keeps the topology.";
    info_.options = {config::UintOption("shards", 1, 1, 64, "How many.")};
    info_.limits.open_files = 0;
  }

  // Runs the service to its end; stdout and stderr are in out_ and err_.
  ExitCode Run(std::vector<std::string> args) {
    args.insert(args.begin(), "omninode-registry");
    args.push_back("--admin.listen=127.0.0.1:0");
    args.push_back("--ready-file=" + ready());
    args.push_back("--log.file=" + folder_.path("log"));
    std::vector<const char*> argv;
    for (const std::string& arg : args) argv.push_back(arg.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = RunService(info_, static_cast<int>(argv.size()), argv.data(),
                                [this](const ServiceContext& context) { return Make(context); });
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return static_cast<ExitCode>(code);
  }

  absl::StatusOr<std::unique_ptr<Service>> Make(const ServiceContext& context) {
    calls_.push_back("make");
    context_.emplace(context);
    OMNI_RETURN_IF_ERROR(factory_status_);
    return std::make_unique<FakeService>(calls_, at_start_);
  }

  std::string ready() const { return folder_.path("ready"); }
  // The ready file's content, when it is there.
  json WaitUntilReady() const {
    while (!std::filesystem::exists(ready())) std::this_thread::yield();
    return json::parse(folder_.Read("ready"));
  }

  config::TestFolder folder_;
  ServiceInfo info_;
  absl::Status factory_status_;
  std::function<absl::Status()> at_start_;
  std::optional<ServiceContext> context_;
  Calls calls_;
  std::string out_;
  std::string err_;
};

http::Response Get(const std::string& address, std::string_view target) {
  const auto where = config::HostPort::Parse(address);
  auto response = http::Get(where->host(), where->port(), target, absl::Seconds(10));
  EXPECT_TRUE(response.ok()) << response.status();
  return *std::move(response);
}

TEST_F(RunServiceTest, ServesUntilItIsTerminated) {
  std::thread user([this] {
    const json ready = WaitUntilReady();
    EXPECT_EQ(ready["pid"], ::getpid());
    EXPECT_EQ(ready["grpc"], "127.0.0.1:7110");
    EXPECT_EQ(Get(ready["admin"], "/livez").status, 200u);
    EXPECT_EQ(Get(ready["admin"], "/readyz").status, 200u);
    EXPECT_THAT(Get(ready["admin"], "/metrics").body, HasSubstr("omninode_build_info"));
    ::kill(::getpid(), SIGTERM);
  });
  EXPECT_EQ(Run({}), ExitCode::kOk);
  user.join();
  EXPECT_THAT(calls_, ElementsAre("make", "start", "stop", "destroy"));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(ready()));
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"ready")"));
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"stopping","cause":"SIGTERM")"));
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"stopped")"));
}

TEST_F(RunServiceTest, AnswersLivezWhileItStarts) {
  at_start_ = [this] {
    EXPECT_FALSE(context_->health.Ready());
    EXPECT_THAT(context_->health.Json(), HasSubstr("starting"));
    EXPECT_FALSE(std::filesystem::exists(ready()));
    context_->request_stop(absl::OkStatus());
    EXPECT_TRUE(context_->stop_pending());
    return absl::OkStatus();
  };
  EXPECT_EQ(Run({}), ExitCode::kOk);
}

TEST_F(RunServiceTest, ReloadsAndOpensTheLogAnewAtHangup) {
  std::thread user([this] {
    WaitUntilReady();
    std::filesystem::rename(folder_.path("log"), folder_.path("log.1"));
    ::kill(::getpid(), SIGHUP);
    while (folder_.Read("log").find("reload") == std::string::npos) std::this_thread::yield();
    context_->request_stop(absl::OkStatus());
  });
  EXPECT_EQ(Run({}), ExitCode::kOk);
  user.join();
  EXPECT_THAT(calls_, ElementsAre("make", "start", "reload", "stop", "destroy"));
}

TEST_F(RunServiceTest, SaysInOneLineWhyItCannotStart) {
  factory_status_ = Reject(Reason::kKeyFileMode, "others have rights on /k;\nchmod 600 /k");
  EXPECT_EQ(Run({}), ExitCode::kConfiguration);
  EXPECT_EQ(err_, "omninode-registry: others have rights on /k; chmod 600 /k\n");
  EXPECT_THAT(calls_, ElementsAre("make"));
  EXPECT_THAT(folder_.Read("log"), HasSubstr(R"("event":"failed")"));
}

TEST_F(RunServiceTest, DoesNotStopWhatDidNotStart) {
  at_start_ = [] { return Error(absl::StatusCode::kUnavailable, "port 7110 is in use"); };
  EXPECT_EQ(Run({}), ExitCode::kUnavailable);
  EXPECT_EQ(err_, "omninode-registry: port 7110 is in use\n");
  EXPECT_THAT(calls_, ElementsAre("make", "start", "destroy"));
  EXPECT_FALSE(std::filesystem::exists(ready()));
}

TEST_F(RunServiceTest, GivesUpALongStartWhenItIsTerminated) {
  at_start_ = [this] {
    ::kill(::getpid(), SIGTERM);
    while (!context_->stop_pending()) std::this_thread::yield();
    return absl::CancelledError("stopped while starting");
  };
  EXPECT_EQ(Run({}), ExitCode::kOk);
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_THAT(calls_, ElementsAre("make", "start", "destroy"));
  const sigset_t set = [] {
    sigset_t pending;
    sigemptyset(&pending);
    sigaddset(&pending, SIGTERM);
    return pending;
  }();
  int signal = 0;
  ::sigwait(&set, &signal);  // still pending; not for the next test
}

TEST_F(RunServiceTest, RemovesAStaleReadyFileBeforeAnythingElse) {
  folder_.Write("ready", "{}");
  factory_status_ = Error(absl::StatusCode::kDataLoss, "corrupt");
  EXPECT_EQ(Run({}), ExitCode::kBadData);
  EXPECT_FALSE(std::filesystem::exists(ready()));
}

TEST_F(RunServiceTest, EndsWithTheErrorOfTheServiceThatGivesUp) {
  std::thread user([this] {
    WaitUntilReady();
    context_->request_stop(Error(absl::StatusCode::kResourceExhausted, "disk full"));
  });
  EXPECT_EQ(Run({}), ExitCode::kIo);
  user.join();
  EXPECT_EQ(err_, "omninode-registry: disk full\n");
  EXPECT_THAT(calls_, ElementsAre("make", "start", "stop", "destroy"));
}

TEST_F(RunServiceTest, PrintsHelpVersionAndReferenceWithoutStarting) {
  EXPECT_EQ(Run({"--help"}), ExitCode::kOk);
  EXPECT_THAT(out_, StartsWith("Usage: omninode-registry [--config FILE] [options]\n"));
  EXPECT_THAT(out_, HasSubstr("--shards <number>"));
  EXPECT_THAT(out_, HasSubstr("--admin.listen <address>"));
  EXPECT_EQ(Run({"--version"}), ExitCode::kOk);
  EXPECT_THAT(out_, testing::MatchesRegex("omninode-registry [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(Run({"--reference"}), ExitCode::kOk);
  EXPECT_THAT(out_, HasSubstr("| `shards` |"));
  EXPECT_THAT(out_, HasSubstr("| `omninode_reject_total` |"));
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(RunServiceTest, ChecksTheConfigurationWithoutStarting) {
  info_.check = [](const config::Values& values) {
    if (values.GetUint("shards") == 3) return values.Problem("shards", "must not be 3");
    return absl::OkStatus();
  };
  EXPECT_EQ(Run({"--check-config", "--shards=2"}), ExitCode::kOk);
  EXPECT_THAT(out_, HasSubstr("shards: 2  # flag --shards\n"));

  const std::string path = folder_.Write("r.yaml", "\nshards: 3\n");
  EXPECT_EQ(Run({"--check-config", "--config=" + path}), ExitCode::kConfiguration);
  EXPECT_EQ(err_, "omninode-registry: " + path + ":2: shards: must not be 3\n");
  EXPECT_EQ(Run({"--config=" + path}), ExitCode::kConfiguration);
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(RunServiceTest, RefusesAWrongCommandLine) {
  EXPECT_EQ(Run({"--shrads=2"}), ExitCode::kUsage);
  EXPECT_EQ(err_, "omninode-registry: unknown flag --shrads; did you mean --shards?\n");
  EXPECT_EQ(Run({"--config=" + folder_.path("none")}), ExitCode::kMissingInput);
}

TEST_F(RunServiceTest, ReadsTheEnvironment) {
  ::setenv("OMNINODE_REGISTRY_SHARDS", "7", 1);
  EXPECT_EQ(Run({"--check-config"}), ExitCode::kOk);
  ::unsetenv("OMNINODE_REGISTRY_SHARDS");
  EXPECT_THAT(out_, HasSubstr("shards: 7  # environment OMNINODE_REGISTRY_SHARDS\n"));
}

TEST_F(RunServiceTest, DoesWhatAVerbSaysInsteadOfServing) {
  info_.verbs = {{{"init", "make the data folder"}, [this](const ServiceContext& context) {
                    calls_.push_back(fmt::format("init {}", context.config.GetUint("shards")));
                    return factory_status_;
                  }}};
  EXPECT_EQ(Run({"init", "--shards=5"}), ExitCode::kOk);
  EXPECT_THAT(calls_, ElementsAre("init 5"));
  factory_status_ = Error(absl::StatusCode::kNotFound, "no such folder");
  EXPECT_EQ(Run({"init"}), ExitCode::kMissingInput);
  EXPECT_EQ(err_, "omninode-registry: no such folder\n");

  calls_.clear();
  EXPECT_EQ(Run({"run"}), ExitCode::kMissingInput);  // the factory's failure
  EXPECT_THAT(calls_, ElementsAre("make"));
}

}  // namespace
}  // namespace omninode::runtime
