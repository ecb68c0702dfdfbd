#include "services/bootstrap/setup/network.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"
#include "services/bootstrap/authority/file_key_store.h"

namespace omninode::bootstrap {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class NetworkTest : public testing::Test {
 protected:
  InitializeOptions Options(std::string_view trust_domain = "example.org") const {
    return {.data_dir = data_dir_,
            .network_id = NetworkId::Parse("net-1").value(),
            .trust_domain = identity::TrustDomain::Parse(trust_domain).value()};
  }
  std::string PathOf(std::string_view file) const { return fmt::format("{}/{}", data_dir_, file); }

  const config::TestFolder folder_;
  const std::string data_dir_ = folder_.path("bootstrap");
};

TEST_F(NetworkTest, OpensWhatItInitialized) {
  const absl::Status made = InitializeNetwork(Options(), kNow);
  ASSERT_TRUE(made.ok()) << made;
  const auto network = OpenNetwork(data_dir_, kNow);
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_EQ(network->info.network_id.value(), "net-1");
  EXPECT_EQ(network->info.trust_domain.name(), "example.org");
  EXPECT_EQ(network->info.created_at, kNow);
  EXPECT_EQ(network->authority.trust_domain(), network->info.trust_domain);
  EXPECT_EQ(network->authority.certificate().not_after(), kNow + kDefaultCaTtl);
  EXPECT_EQ(network->store->LoadTrust()->sequence, 0u);
}

// T55, G24: nobody else can read anything of it.
TEST_F(NetworkTest, MakesFilesForItsOwnerOnly) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  EXPECT_EQ(folder_.Mode("bootstrap"), 0700u);
  for (const auto& file : fs::directory_iterator(data_dir_)) {
    EXPECT_EQ(file.status().permissions() & fs::perms(077), fs::perms::none) << file.path();
  }
}

TEST_F(NetworkTest, NeverInitializesTwice) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  const std::string key = folder_.Read("bootstrap/ca-key.pem");
  const absl::Status again = InitializeNetwork(Options("example.com"), kNow);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Message(again), HasSubstr("net-1"));
  EXPECT_EQ(folder_.Read("bootstrap/ca-key.pem"), key);
  EXPECT_EQ(OpenNetwork(data_dir_, kNow)->info.trust_domain.name(), "example.org");
}

TEST_F(NetworkTest, DoesNotContinueAnInterruptedInit) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  fs::remove(PathOf(kDatabaseFile));
  const absl::Status again = InitializeNetwork(Options(), kNow);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Message(again), HasSubstr("interrupted"));
  // What it left is no network, and perhaps the key of one: nobody is told to throw it away.
  const absl::Status open = OpenNetwork(data_dir_, kNow).status();
  EXPECT_TRUE(absl::IsDataLoss(open)) << open;
  EXPECT_THAT(Message(open), HasSubstr("restore bootstrap.db from a backup"));
  fs::remove_all(data_dir_);
  EXPECT_TRUE(InitializeNetwork(Options(), kNow).ok());
}

TEST_F(NetworkTest, MakesNothingWithBadOptions) {
  InitializeOptions options = Options();
  options.ca_ttl = absl::Seconds(1);
  EXPECT_EQ(ReasonOf(InitializeNetwork(options, kNow)), Reason::kArgumentInvalid);
  EXPECT_FALSE(fs::exists(data_dir_));
}

TEST_F(NetworkTest, SaysWhichCommandMakesANetwork) {
  const absl::Status status = OpenNetwork(data_dir_, kNow).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(Message(status), HasSubstr("omninode-bootstrap init"));
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kMissingInput);
  EXPECT_FALSE(fs::exists(data_dir_));
}

TEST_F(NetworkTest, RefusesAFolderOthersHaveRightsIn) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  ::chmod(data_dir_.c_str(), 0750);
  const absl::Status status = OpenNetwork(data_dir_, kNow).status();
  EXPECT_EQ(ReasonOf(status), Reason::kKeyFileMode);
  EXPECT_EQ(ExitCodeFor(status), ExitCode::kConfiguration);
  fs::remove_all(data_dir_);
  fs::create_directory(data_dir_);
  ::chmod(data_dir_.c_str(), 0755);
  EXPECT_EQ(ReasonOf(InitializeNetwork(Options(), kNow)), Reason::kKeyFileMode);
}

TEST_F(NetworkTest, RefusesAKeyThatOthersMayRead) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  ::chmod(PathOf(FileKeyStore::kKeyFile).c_str(), 0640);
  EXPECT_EQ(ReasonOf(OpenNetwork(data_dir_, kNow).status()), Reason::kKeyFileMode);
}

TEST_F(NetworkTest, RefusesTheKeyOfAnotherNetwork) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  InitializeOptions other = Options("example.com");
  other.data_dir = folder_.path("other");
  ASSERT_TRUE(InitializeNetwork(other, kNow).ok());
  for (const std::string_view file : {FileKeyStore::kKeyFile, FileKeyStore::kCertificateFile}) {
    fs::copy_file(fmt::format("{}/{}", other.data_dir, file), PathOf(file),
                  fs::copy_options::overwrite_existing);
  }
  const absl::Status status = OpenNetwork(data_dir_, kNow).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(Message(status), HasSubstr("do not belong together"));
}

TEST_F(NetworkTest, RefusesASecondProcess) {
  ASSERT_TRUE(InitializeNetwork(Options(), kNow).ok());
  const auto running = OpenNetwork(data_dir_, kNow);
  ASSERT_TRUE(running.ok());
  EXPECT_TRUE(absl::IsUnavailable(OpenNetwork(data_dir_, kNow).status()));
  EXPECT_TRUE(absl::IsUnavailable(InitializeNetwork(Options(), kNow)));
}

}  // namespace
}  // namespace omninode::bootstrap
