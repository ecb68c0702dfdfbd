#include "tests/bench/process_usage.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tools/testbed/temporary_folder.h"

namespace omninode::bench {
namespace {

TEST(ProcessUsageTest, AddsUserAndSystemTime) {
  EXPECT_EQ(*ParseCpuTime("7 (omninode) S 1 7 7 0 -1 4 9 0 0 0 250 50 0 0 20 0 9 0 8 7", 100),
            absl::Seconds(3));
}

TEST(ProcessUsageTest, ANameMayHoldBlanksAndParentheses) {
  EXPECT_EQ(*ParseCpuTime("7 (a) S 3 (b) R 1 7 7 0 -1 4 9 0 0 0 100 200 0 0 20", 100),
            absl::Seconds(3));
}

TEST(ProcessUsageTest, RefusesWhatIsNoStat) {
  for (const char* text : {"", "7 (x) S 1 2", "7 (x) S 1 7 7 0 -1 4 9 0 0 0 a b 0"}) {
    EXPECT_EQ(ParseCpuTime(text, 100).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ProcessUsageTest, ReadsTheResidentSize) {
  EXPECT_EQ(*ParseResidentBytes("Name:\tx\nVmHWM:\t  99 kB\nVmRSS:\t  12 kB\nThreads: 1\n"),
            12u * 1024);
  EXPECT_FALSE(ParseResidentBytes("Name:\tx\n").ok());
  EXPECT_FALSE(ParseResidentBytes("Name:\tx\nVmRSS:\t\n").ok());
}

TEST(ProcessUsageTest, KnowsThisProcessAndNoOther) {
  const auto before = CpuTimeOf(::getpid());
  ASSERT_TRUE(before.ok()) << before.status();
  volatile double sum = 0;
  while (*CpuTimeOf(::getpid()) < *before + absl::Milliseconds(20)) sum = sum + 1;
  EXPECT_GT(*ResidentBytesOf(::getpid()), 100'000u);
  EXPECT_EQ(CpuTimeOf(-1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ResidentBytesOf(-1).status().code(), absl::StatusCode::kNotFound);
}

TEST(ProcessUsageTest, CountsTheFilesOfAFolderAndBelow) {
  const testbed::TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() + "/below");
  std::ofstream(folder.path() + "/a") << std::string(100, 'x');
  std::ofstream(folder.path() + "/below/b") << std::string(23, 'x');
  EXPECT_EQ(*DiskBytesOf(folder.path()), 123u);
  EXPECT_EQ(DiskBytesOf(folder.path() + "/none").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace omninode::bench
