#include "tools/testbed/process.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "tools/testbed/temporary_folder.h"

namespace omninode::testbed {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);

class ProcessTest : public testing::Test {
 protected:
  std::unique_ptr<Process> Shell(std::string script, std::map<std::string, std::string> env = {}) {
    auto process = Process::Start({.name = "helper",
                                   .argv = {"/bin/sh", "-c", std::move(script)},
                                   .env = std::move(env),
                                   .stdout_path = Path("out"),
                                   .stderr_path = Path("log")});
    EXPECT_TRUE(process.ok()) << process.status();
    return *std::move(process);
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Read(const std::string& name) const { return FileEnd(Path(name)); }
  // A script's way to become ready, as ReadyFile does it: complete, then in place.
  std::string BecomeReady() const {
    return fmt::format(
        R"(echo "{{\"pid\":$$,\"grpc\":\"127.0.0.1:1\",\"admin\":\"127.0.0.1:2\"}}" )"
        R"(> {0}.new; mv {0}.new {0}; )",
        Path("ready"));
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(ProcessTest, TellsTheExitCodeAndKeepsWhatWasWritten) {
  const auto process = Shell("echo to out; echo to log >&2; exit 7");
  const auto exit = process->WaitExit(kLong);
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->code, 7);
  EXPECT_FALSE(exit->ok());
  EXPECT_EQ(exit->ToString(), "exit code 7");
  EXPECT_EQ(Read("out"), "to out\n");
  EXPECT_EQ(process->LastLogLines(), "to log");
  EXPECT_FALSE(process->running());
}

TEST_F(ProcessTest, TellsTheSignalThatKilledIt) {
  const auto process = Shell("exec sleep 600");
  EXPECT_TRUE(process->running());
  EXPECT_EQ(process->Kill(), (ExitState{std::nullopt, SIGKILL}));
  EXPECT_EQ(process->Kill().ToString(), "signal 9 (Killed)");
  EXPECT_EQ(process->Signal(SIGTERM).code(), absl::StatusCode::kNotFound);
}

TEST_F(ProcessTest, SaysWhyAProgramCannotBeExecuted) {
  const auto process = Process::Start({.name = "none",
                                       .argv = {Path("no-such-program")},
                                       .stdout_path = Path("out"),
                                       .stderr_path = Path("log")});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.status().code(), absl::StatusCode::kNotFound) << process.status();
  EXPECT_NE(Message(process.status()).find("no-such-program"), std::string::npos);
}

TEST_F(ProcessTest, WaitsForTheReadyFile) {
  const auto process = Shell(BecomeReady() + "exec sleep 600");
  const auto ready = process->WaitReady(Path("ready"), kLong);
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(ready->pid, process->pid());
  EXPECT_EQ(ready->grpc, "127.0.0.1:1");
  EXPECT_EQ(ready->admin, "127.0.0.1:2");
}

TEST_F(ProcessTest, DoesNotTakeTheReadyFileOfAPredecessor) {
  std::ofstream(Path("ready")) << R"({"pid":1,"grpc":"127.0.0.1:9","admin":""})";
  const auto process = Shell("exec sleep 600");
  EXPECT_EQ(process->WaitReady(Path("ready"), absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ProcessTest, SaysHowAProcessEndedThatNeverBecameReady) {
  const auto process = Shell("echo cannot open the database >&2; exit 65");
  const auto ready = process->WaitReady(Path("ready"), kLong);
  ASSERT_FALSE(ready.ok());
  EXPECT_EQ(ready.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(Message(ready.status()).find("exit code 65"), std::string::npos) << ready.status();
  EXPECT_NE(Message(ready.status()).find("cannot open the database"), std::string::npos);
}

TEST_F(ProcessTest, StopsGracefullyBySigterm) {
  const auto process = Shell("trap 'echo bye; exit 0' TERM; " + BecomeReady() + "sleep 600 & wait");
  ASSERT_TRUE(process->WaitReady(Path("ready"), kLong).ok());
  const auto exit = process->StopGracefully(kLong);
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_TRUE(exit->ok()) << exit->ToString();
  EXPECT_EQ(Read("out"), "bye\n");
}

TEST_F(ProcessTest, LeavesAProcessRunningThatIgnoresSigterm) {
  const auto process = Shell("trap '' TERM; " + BecomeReady() + "sleep 600");
  ASSERT_TRUE(process->WaitReady(Path("ready"), kLong).ok());
  EXPECT_EQ(process->StopGracefully(absl::Milliseconds(50)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(process->running());
}

TEST_F(ProcessTest, PassesOnGivenVariablesButNoneOfTheSuite) {
  ::setenv("OMNINODE_REGISTRY_LISTEN", "127.0.0.1:9", 1);
  const auto process =
      Shell("echo $GIVEN:$OMNINODE_REGISTRY_LISTEN:$HOME", {{"GIVEN", "yes"}, {"HOME", "/other"}});
  ASSERT_TRUE(process->WaitExit(kLong).ok());
  EXPECT_EQ(Read("out"), "yes::/other\n");
  ::unsetenv("OMNINODE_REGISTRY_LISTEN");
}

TEST_F(ProcessTest, IsKilledWhenItGoesOutOfScope) {
  pid_t pid = 0;
  {
    const auto process = Shell("exec sleep 600");
    pid = process->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ProcessTest, IsKilledWhenItsStarterEnds) {
  std::unique_ptr<Process> process;
  std::thread starter([&] { process = Shell("exec sleep 600"); });
  starter.join();
  const auto exit = process->WaitExit(kLong);
  ASSERT_TRUE(exit.ok()) << exit.status();
  EXPECT_EQ(exit->signal, SIGKILL);
}

TEST_F(ProcessTest, TakesWhatItStartedAlong) {
  const auto process = Shell("sleep 600 & echo $!");
  ASSERT_TRUE(process->WaitExit(kLong).ok());
  const std::string stat = "/proc/" + LastLines(Read("out"), 1) + "/stat";
  // Gone, or a zombie where nobody reaps the orphans of others.
  EXPECT_TRUE(WaitUntil(kLong, [&] {
    const std::string text = FileEnd(stat);
    return text.empty() || text.find(") Z ") != std::string::npos;
  }));
}

TEST_F(ProcessTest, IsOutOfReachOfTheKeyboard) {
  const auto process = Shell("exec sleep 600");
  EXPECT_NE(::getpgid(process->pid()), ::getpgrp());
}

TEST(LastLinesTest, TakesWholeLinesFromTheEnd) {
  EXPECT_EQ(LastLines("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(LastLines("a\nb\nc", 3), "a\nb\nc");
  EXPECT_EQ(LastLines("a\nb", 9), "a\nb");
  EXPECT_EQ(LastLines("", 2), "");
}

}  // namespace
}  // namespace omninode::testbed
