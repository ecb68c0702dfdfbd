#include "common/config/secret_file.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// T55: everything that is wrong with a key file ends a start with the same exit code.
std::string Refusal(const absl::Status& status) {
  EXPECT_EQ(ReasonOf(status), Reason::kKeyFileMode) << status;
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kConfiguration);
  return std::string(Message(status));
}

class SecretFileTest : public testing::Test {
 protected:
  std::string key() const { return folder_.path("key.pem"); }
  std::string Refused() const { return Refusal(ReadSecretFile(key()).status()); }
  TestFolder folder_;
};

TEST_F(SecretFileTest, ReadsAPrivateFile) {
  for (const mode_t mode : {0600, 0400}) {
    fs::remove(key());
    folder_.Write("key.pem", "secret\n", mode);
    const auto contents = ReadSecretFile(key());
    ASSERT_TRUE(contents.ok()) << contents.status();
    EXPECT_EQ(*contents, "secret\n");
  }
}

TEST_F(SecretFileTest, RefusesEveryRightOfGroupAndOthers) {
  for (const mode_t mode : {0640, 0620, 0610, 0604, 0602, 0601, 0644}) {
    folder_.Write("key.pem", "secret", mode);
    const std::string message = Refused();
    EXPECT_THAT(message, HasSubstr(fmt::format("mode {:04o}", mode)));
    EXPECT_THAT(message, HasSubstr("chmod 600 " + key()));
    EXPECT_EQ(message.find("secret"), std::string::npos);
  }
}

TEST_F(SecretFileTest, RefusesASymbolicLinkEvenToAPrivateFile) {
  folder_.Write("real", "secret");
  fs::create_symlink(folder_.path("real"), key());
  EXPECT_THAT(Refused(), HasSubstr("symbolic link"));
}

TEST_F(SecretFileTest, RefusesWhatIsNoPlainFile) {
  fs::create_directory(key());
  EXPECT_THAT(Refused(), HasSubstr("not a plain file"));
  fs::remove(key());
  ASSERT_EQ(::mkfifo(key().c_str(), 0600), 0);
  EXPECT_THAT(Refused(), HasSubstr("not a plain file"));
}

TEST_F(SecretFileTest, RefusesAFolderThatOthersMayWrite) {
  folder_.Write("key.pem", "secret");
  for (const mode_t mode : {0770, 0720, 0702, 01777}) {
    ASSERT_EQ(::chmod(folder_.path().c_str(), mode), 0);
    EXPECT_THAT(Refused(), HasSubstr("chmod go-w " + folder_.path()));
    Refusal(WriteSecretFile(key(), "new"));
  }
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  EXPECT_TRUE(ReadSecretFile(key()).ok());
}

TEST_F(SecretFileTest, ChecksTheFolderThatALinkLeadsTo) {
  fs::create_directory(folder_.path("open"));
  folder_.Write("open/key.pem", "secret");
  ASSERT_EQ(::chmod(folder_.path("open").c_str(), 0777), 0);
  fs::create_directory_symlink(folder_.path("open"), folder_.path("link"));
  Refusal(ReadSecretFile(folder_.path("link/key.pem")).status());
}

TEST_F(SecretFileTest, SaysWhenTheFileIsMissing) {
  const auto missing = ReadSecretFile(key());
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ExitCodeFor(missing.status()), ExitCode::kMissingInput);
  EXPECT_THAT(std::string(Message(missing.status())), HasSubstr(key()));
  EXPECT_EQ(ReadSecretFile(folder_.path("no/key.pem")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSecretFile("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadSecretFile(folder_.path() + "/").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SecretFileTest, BoundsTheSize) {
  folder_.Write("key.pem", std::string(kMaxSecretFileBytes, 'x'));
  EXPECT_TRUE(ReadSecretFile(key()).ok());
  folder_.Write("key.pem", std::string(kMaxSecretFileBytes + 1, 'x'));
  EXPECT_EQ(ReadSecretFile(key()).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(SecretFileTest, WritesPrivatelyWhateverTheUmaskAndTheOldModeWere) {
  const mode_t before = ::umask(0);
  folder_.Write("key.pem", "old", 0666);
  const absl::Status status = WriteSecretFile(key(), "new");
  ::umask(before);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(folder_.Read("key.pem"), "new");
  EXPECT_EQ(folder_.Mode("key.pem"), 0600u);
  EXPECT_EQ(*ReadSecretFile(key()), "new");
}

TEST_F(SecretFileTest, ReplacesALinkInsteadOfWritingThroughIt) {
  folder_.Write("target", "precious");
  fs::create_symlink(folder_.path("target"), key());
  ASSERT_TRUE(WriteSecretFile(key(), "new").ok());
  EXPECT_EQ(folder_.Read("target"), "precious");
  EXPECT_FALSE(fs::is_symlink(key()));
}

TEST_F(SecretFileTest, IsNotMisledByATemporaryFileThatIsThere) {
  folder_.Write("target", "precious");
  fs::create_symlink(folder_.path("target"), folder_.path(".key.pem.new"));
  ASSERT_TRUE(WriteSecretFile(key(), "new").ok());
  EXPECT_EQ(folder_.Read("target"), "precious");
  EXPECT_EQ(folder_.Read("key.pem"), "new");
  EXPECT_FALSE(fs::exists(folder_.path(".key.pem.new")));
}

TEST_F(SecretFileTest, LeavesTheOldFileWhenTheNewOneCannotTakeItsPlace) {
  fs::create_directories(folder_.path("key.pem/full"));
  EXPECT_FALSE(WriteSecretFile(key(), "new").ok());
  EXPECT_TRUE(fs::is_directory(key()));
  EXPECT_FALSE(fs::exists(folder_.path(".key.pem.new")));
}

TEST_F(SecretFileTest, MakesAPrivateFolderAndAcceptsItAgain) {
  const std::string path = folder_.path("identity");
  const mode_t before = ::umask(0);
  const absl::Status status = MakePrivateDirectory(path);
  ::umask(before);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(folder_.Mode("identity"), 0700u);
  EXPECT_TRUE(MakePrivateDirectory(path + "/").ok());
}

TEST_F(SecretFileTest, RefusesAFolderThatIsNotPrivate) {
  const std::string path = folder_.path("identity");
  fs::create_directory(path);
  for (const mode_t mode : {0750, 0701, 0777}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_THAT(Refusal(MakePrivateDirectory(path)), HasSubstr("chmod 700 " + path));
  }
  fs::create_directory_symlink(path, folder_.path("link"));
  EXPECT_THAT(Refusal(MakePrivateDirectory(folder_.path("link"))), HasSubstr("symbolic link"));
  EXPECT_THAT(Refusal(MakePrivateDirectory(folder_.path("link/"))), HasSubstr("symbolic link"));
  folder_.Write("file", "x");
  Refusal(MakePrivateDirectory(folder_.path("file")));
  EXPECT_EQ(MakePrivateDirectory(folder_.path("no/identity")).code(), absl::StatusCode::kNotFound);
}

TEST(CheckSecret, AcceptsTheOwnUserAndRootOnly) {
  constexpr uid_t kOwn = 1000;
  for (const auto kind :
       {SecretKind::kFile, SecretKind::kParentDirectory, SecretKind::kPrivateDirectory}) {
    const mode_t mode = kind == SecretKind::kFile ? S_IFREG | 0600 : S_IFDIR | 0700;
    EXPECT_TRUE(CheckSecret(kind, "/k", {mode, kOwn}, kOwn).ok());
    EXPECT_TRUE(CheckSecret(kind, "/k", {mode, 0}, kOwn).ok());
    EXPECT_THAT(Refusal(CheckSecret(kind, "/k", {mode, 1001}, kOwn)),
                HasSubstr("belongs to user 1001; chown 1000 /k"));
    EXPECT_FALSE(CheckSecret(kind, "/k", {mode, kOwn}, 0).ok());
  }
}

}  // namespace
}  // namespace omninode::config
