#include "common/sql/lock_file.h"

#include <filesystem>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/status.h"
#include "common/sql/test_folder.h"

namespace omninode::sql {
namespace {

TEST(LockFile, RefusesASecondHolderAndNamesTheFirst) {
  const TestFolder folder;
  const auto first = LockFile::Acquire(folder.File("db.lock"));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = LockFile::Acquire(folder.File("db.lock"));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Message(second.status()),
            fmt::format("{} is held by process {}; stop that process or use another folder",
                        folder.File("db.lock"), getpid()));
}

TEST(LockFile, IsFreeAgainWhenTheHolderEnds) {
  const TestFolder folder;
  { ASSERT_TRUE(LockFile::Acquire(folder.File("db.lock")).ok()); }
  EXPECT_TRUE(LockFile::Acquire(folder.File("db.lock")).ok());
}

TEST(LockFile, IsFreeAgainWhenTheHoldingProcessEndsWithoutCleaningUp) {
  const TestFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = LockFile::Acquire(folder.File("db.lock"));
    _exit(lock.ok() ? 0 : 1);  // no destructor runs
  }
  int result = -1;
  ASSERT_EQ(waitpid(child, &result, 0), child);
  ASSERT_EQ(result, 0);
  EXPECT_EQ(ReadFile(folder.File("db.lock")), fmt::format("{}\n", child));
  EXPECT_TRUE(LockFile::Acquire(folder.File("db.lock")).ok());
  EXPECT_EQ(ReadFile(folder.File("db.lock")), fmt::format("{}\n", getpid()));
}

TEST(LockFile, LeavesNothingOfALongerNumberBehind) {
  const TestFolder folder;
  WriteFile(folder.File("db.lock"), "123456789012345678\n");
  const auto lock = LockFile::Acquire(folder.File("db.lock"));
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(ReadFile(folder.File("db.lock")), fmt::format("{}\n", getpid()));
}

TEST(LockFile, SaysUnknownWhenTheHolderHasNotWrittenItsNumberYet) {
  const TestFolder folder;
  const auto first = LockFile::Acquire(folder.File("db.lock"));
  ASSERT_TRUE(first.ok());
  WriteFile(folder.File("db.lock"), "");
  EXPECT_THAT(Message(LockFile::Acquire(folder.File("db.lock")).status()),
              testing::HasSubstr("held by process unknown;"));
}

TEST(LockFile, MovesTheLockAndNotTheRightToHaveTwo) {
  const TestFolder folder;
  auto first = LockFile::Acquire(folder.File("a.lock"));
  ASSERT_TRUE(first.ok());
  {
    const LockFile moved = *std::move(first);
    EXPECT_FALSE(LockFile::Acquire(folder.File("a.lock")).ok());
  }
  EXPECT_TRUE(LockFile::Acquire(folder.File("a.lock")).ok());
}

TEST(LockFile, IsReadableByItsOwnerOnly) {
  const TestFolder folder;
  const auto lock = LockFile::Acquire(folder.File("db.lock"));
  ASSERT_TRUE(lock.ok());
  struct stat info {};
  ASSERT_EQ(stat(folder.File("db.lock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST(LockFile, NamesAFolderThatIsNotThere) {
  const TestFolder folder;
  const auto lock = LockFile::Acquire(folder.File("missing/db.lock"));
  EXPECT_EQ(lock.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(lock.status()), testing::HasSubstr("missing/db.lock"));
}

TEST(LockFile, DoesNotFollowASymbolicLink) {
  const TestFolder folder;
  WriteFile(folder.File("victim"), "precious");
  std::filesystem::create_symlink(folder.File("victim"), folder.File("db.lock"));
  EXPECT_FALSE(LockFile::Acquire(folder.File("db.lock")).ok());
  EXPECT_EQ(ReadFile(folder.File("victim")), "precious");
}

}  // namespace
}  // namespace omninode::sql
