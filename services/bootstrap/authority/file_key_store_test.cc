#include "services/bootstrap/authority/file_key_store.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::bootstrap {
namespace {

using testing::HasSubstr;
using testing::Not;

const identity::TrustDomain kDomain = identity::TrustDomain::Parse("example.org").value();

class FileKeyStoreTest : public testing::Test {
 protected:
  static AuthorityKeyPair Make() {
    return CreateAuthority(kDomain, kDefaultCaTtl, absl::FromUnixSeconds(1'800'000'000)).value();
  }
  std::string PathOf(std::string_view file) const { return folder_.path(file); }

  const config::TestFolder folder_;
  FileKeyStore store_{folder_.path()};
};

TEST_F(FileKeyStoreTest, LoadsWhatItSaved) {
  const AuthorityKeyPair pair = Make();
  ASSERT_TRUE(store_.Save(pair).ok());
  const auto loaded = FileKeyStore(folder_.path()).Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->certificate, pair.certificate);
  EXPECT_EQ(loaded->key.public_key(), pair.key.public_key());
  EXPECT_TRUE(Authority::Create(kDomain, *loaded).ok());
}

TEST_F(FileKeyStoreTest, WritesFilesThatNobodyElseCanRead) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  EXPECT_EQ(folder_.Mode(FileKeyStore::kKeyFile), 0600u);
  EXPECT_EQ(folder_.Mode(FileKeyStore::kCertificateFile), 0600u);
}

TEST_F(FileKeyStoreTest, NeverOverwrites) {
  const AuthorityKeyPair first = Make();
  ASSERT_TRUE(store_.Save(first).ok());
  EXPECT_EQ(store_.Save(Make()).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(store_.Load()->certificate, first.certificate);
}

TEST_F(FileKeyStoreTest, NeverOverwritesHalfAnAuthorityOrALink) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  std::filesystem::remove(PathOf(FileKeyStore::kKeyFile));
  EXPECT_EQ(store_.Save(Make()).code(), absl::StatusCode::kAlreadyExists);
  std::filesystem::remove(PathOf(FileKeyStore::kCertificateFile));
  std::filesystem::create_symlink("/nowhere/at/all", PathOf(FileKeyStore::kKeyFile));
  EXPECT_EQ(store_.Save(Make()).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(FileKeyStoreTest, SaysThatThereIsNone) {
  EXPECT_EQ(store_.Load().status().code(), absl::StatusCode::kNotFound);
}

// T55.
TEST_F(FileKeyStoreTest, RefusesFilesThatOthersMayRead) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  for (const std::string_view file : {FileKeyStore::kKeyFile, FileKeyStore::kCertificateFile}) {
    ::chmod(PathOf(file).c_str(), 0644);
    const absl::Status status = store_.Load().status();
    EXPECT_EQ(ReasonOf(status), Reason::kKeyFileMode) << status;
    EXPECT_EQ(ExitCodeFor(status), ExitCode::kConfiguration);
    ::chmod(PathOf(file).c_str(), 0600);
  }
  EXPECT_TRUE(store_.Load().ok());
}

TEST_F(FileKeyStoreTest, RefusesALinkToAKey) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  std::filesystem::rename(PathOf(FileKeyStore::kKeyFile), PathOf("elsewhere"));
  std::filesystem::create_symlink(PathOf("elsewhere"), PathOf(FileKeyStore::kKeyFile));
  EXPECT_EQ(ReasonOf(store_.Load().status()), Reason::kKeyFileMode);
}

TEST_F(FileKeyStoreTest, RefusesAFolderInWhichOthersMayExchangeFiles) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  ::chmod(folder_.path().c_str(), 0770);
  EXPECT_EQ(ReasonOf(store_.Load().status()), Reason::kKeyFileMode);
  ::chmod(folder_.path().c_str(), 0700);
}

TEST_F(FileKeyStoreTest, NamesADamagedFileAndShowsNothingOfIt) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  folder_.Write(FileKeyStore::kKeyFile,
                "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
  const absl::Status key = store_.Load().status();
  EXPECT_EQ(key.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(key), HasSubstr("ca-key.pem"));
  EXPECT_THAT(Message(key), Not(HasSubstr("c2VjcmV0")));
}

TEST_F(FileKeyStoreTest, RefusesMoreThanOneCertificate) {
  ASSERT_TRUE(store_.Save(Make()).ok());
  const std::string one = folder_.Read(FileKeyStore::kCertificateFile);
  folder_.Write(FileKeyStore::kCertificateFile, one + one);
  EXPECT_EQ(store_.Load().status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace omninode::bootstrap
