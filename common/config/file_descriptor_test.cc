#include "common/config/file_descriptor.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::config {
namespace {

TEST(FileDescriptor, ClosesWhatItOwnsOnce) {
  int raw = -1;
  {
    FileDescriptor first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(first.valid());
    raw = first.get();
    const FileDescriptor second(std::move(first));
    EXPECT_EQ(second.get(), raw);
  }
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

TEST(FileDescriptor, ReadsUpToTheBound) {
  const TestFolder folder;
  const std::string path = folder.Write("f", std::string(40'000, 'x'));
  for (const std::size_t max : {std::size_t{39'999}, std::size_t{40'000}, std::size_t{40'001}}) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto text = ReadUpTo(file, max, "f");
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(text->size(), std::min<std::size_t>(max, 40'000));
  }
}

TEST(FileDescriptor, NamesTheFileThatCannotBeReadOrWritten) {
  const FileDescriptor folder(::open("/", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(std::string(Message(ReadUpTo(folder, 1, "the folder").status())),
              testing::StartsWith("cannot read the folder: "));
  EXPECT_THAT(std::string(Message(WriteAll(folder, "x", "the folder"))),
              testing::StartsWith("cannot write the folder: "));
}

TEST(FileDescriptor, MapsErrorsToExitCodes) {
  EXPECT_EQ(ExitCodeFor(ErrnoStatus(ENOENT, "x")), ExitCode::kMissingInput);
  EXPECT_EQ(ExitCodeFor(ErrnoStatus(EACCES, "x")), ExitCode::kConfiguration);
  EXPECT_EQ(ExitCodeFor(ErrnoStatus(ENOSPC, "x")), ExitCode::kIo);
  EXPECT_EQ(ExitCodeFor(ErrnoStatus(EIO, "x")), ExitCode::kIo);
}

TEST(FileDescriptor, ReportsAFullDisk) {
  const FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(ExitCodeFor(WriteAll(full, "x", "f")), ExitCode::kIo);
}

}  // namespace
}  // namespace omninode::config
