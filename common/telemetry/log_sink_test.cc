#include "common/telemetry/log_sink.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::telemetry {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

class LogSinkTest : public testing::Test {
 protected:
  LogSinkTest() {
    std::string pattern = (fs::temp_directory_path() / "omninode-log-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~LogSinkTest() override { fs::remove_all(directory_); }

  fs::path directory_;
};

TEST_F(LogSinkTest, AppendsOneLinePerWriteAtOnce) {
  const fs::path path = directory_ / "log";
  std::ofstream(path) << "before\n";
  auto sink = OpenFileSink(path);
  ASSERT_TRUE(sink.ok()) << sink.status();
  (*sink)->Write("first %v {}");
  (*sink)->Write("second");
  EXPECT_EQ(ReadAll(path), "before\nfirst %v {}\nsecond\n");
  EXPECT_EQ((*sink)->dropped(), 0u);
}

TEST_F(LogSinkTest, WritesToTheNewFileAfterARotation) {
  const fs::path path = directory_ / "log";
  auto sink = OpenFileSink(path);
  ASSERT_TRUE(sink.ok()) << sink.status();
  (*sink)->Write("old");
  fs::rename(path, directory_ / "log.1");
  ASSERT_TRUE((*sink)->Reopen().ok());
  (*sink)->Write("new");
  EXPECT_EQ(ReadAll(directory_ / "log.1"), "old\n");
  EXPECT_EQ(ReadAll(path), "new\n");
}

TEST_F(LogSinkTest, SaysWhichFileCannotBeOpened) {
  const auto sink = OpenFileSink(directory_);  // a folder
  ASSERT_FALSE(sink.ok());
  EXPECT_NE(Message(sink.status()).find(directory_.string()), std::string_view::npos);
}

TEST_F(LogSinkTest, KeepsTheOldFileWhenReopeningFails) {
  const fs::path path = directory_ / "log";
  auto sink = OpenFileSink(path);
  ASSERT_TRUE(sink.ok()) << sink.status();
  fs::rename(path, directory_ / "log.1");
  fs::create_directory(path);
  EXPECT_FALSE((*sink)->Reopen().ok());
  (*sink)->Write("still here");
  EXPECT_EQ(ReadAll(directory_ / "log.1"), "still here\n");
}

TEST(LogSink, CountsLinesThatCannotBeWritten) {
  auto sink = OpenFileSink("/dev/full");
  ASSERT_TRUE(sink.ok()) << sink.status();
  (*sink)->Write("lost");
  EXPECT_EQ((*sink)->dropped(), 1u);
}

TEST(LogSink, WritesWholeLinesToStderrFromManyThreads) {
  auto sink = MakeStderrSink();
  testing::internal::CaptureStderr();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) sink->Write("0123456789");
    });
  }
  for (auto& thread : threads) thread.join();
  std::istringstream output(testing::internal::GetCapturedStderr());
  int lines = 0;
  for (std::string line; std::getline(output, line); ++lines) EXPECT_EQ(line, "0123456789");
  EXPECT_EQ(lines, 200);
}

}  // namespace
}  // namespace omninode::telemetry
