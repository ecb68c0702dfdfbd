#include "tools/quickstart_job/run_folder.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tools/testbed/temporary_folder.h"

namespace omninode::quickstart {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public testing::Test {
 protected:
  RunFolder Make() {
    auto folder = RunFolder::Make(base_);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return *std::move(folder);
  }
  std::string Path(int number) const { return base_ + "/run-" + std::to_string(number); }

  testbed::TemporaryFolder temporary_;
  const std::string base_ = temporary_.path() + "/build/quickstart";
};

TEST_F(RunFolderTest, CountsOnFromTheHighestNumber) {
  const RunFolder first = Make();
  EXPECT_EQ(first.path(), fs::canonical(Path(1)));
  fs::create_directory(Path(7));
  fs::create_directory(base_ + "/run-x");
  const RunFolder next = Make();
  EXPECT_EQ(next.path(), fs::canonical(Path(8)));
}

TEST_F(RunFolderTest, IsForThisUserOnly) {
  Make();
  EXPECT_EQ(fs::status(Path(1)).permissions(), fs::perms::owner_all);
}

TEST_F(RunFolderTest, KeepsTheLastRunThatPassedAndAllThatFailed) {
  RunFolder passed = Make();
  Make();  // fails
  RunFolder passed_again = Make();
  ASSERT_TRUE(passed.MarkPassed().ok());
  EXPECT_TRUE(fs::exists(Path(1)));
  ASSERT_TRUE(passed_again.MarkPassed().ok());
  EXPECT_FALSE(fs::exists(Path(1)));
  EXPECT_TRUE(fs::exists(Path(2)));
  EXPECT_TRUE(fs::exists(Path(3)));
}

TEST_F(RunFolderTest, SaysWhereItCannotMakeFolders) {
  const auto folder = RunFolder::Make("/proc/quickstart");
  ASSERT_FALSE(folder.ok());
  EXPECT_NE(folder.status().message().find("/proc/quickstart"), absl::string_view::npos);
}

}  // namespace
}  // namespace omninode::quickstart
