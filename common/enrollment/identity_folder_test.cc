#include "common/enrollment/identity_folder.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/config/test_folder.h"
#include "common/identity/testing/test_authority.h"
#include "omninode/bootstrap/v1/trust_service.pb.h"

namespace omninode::enrollment {
namespace {

class IdentityFolderTest : public ::testing::Test {
 protected:
  IdentityFolder Open() {
    auto folder = IdentityFolder::Open(files_.path("identity"));
    EXPECT_TRUE(folder.ok()) << folder.status();
    return *std::move(folder);
  }
  identity::X509Svid Svid() const { return authority_.Issue("/node/worker/w1"); }
  std::string Trust(std::uint64_t sequence = 1) const {
    bootstrap::v1::TrustState state;
    state.set_sequence(sequence);
    auto* bundle = state.add_bundles();
    bundle->set_trust_domain("example.org");
    bundle->add_x509_authorities(std::string(authority_.ca().der()));
    state.mutable_network()->set_network_id("net-1");
    state.mutable_network()->set_trust_domain("example.org");
    state.mutable_network()->add_bootstrap_addresses("127.0.0.1:1");
    return state.SerializeAsString();
  }
  std::string Serial(const IdentityFolder& folder) const {
    const auto contents = folder.Load();
    EXPECT_TRUE(contents.ok()) << contents.status();
    return contents.ok() ? contents->svid.leaf().serial_hex() : "";
  }

  const config::TestFolder files_;
  const identity::TestAuthority authority_{"example.org"};
};

TEST_F(IdentityFolderTest, ANewFolderIsPrivateAndEmpty) {
  const IdentityFolder folder = Open();
  EXPECT_EQ(files_.Mode("identity"), 0700u);
  EXPECT_TRUE(absl::IsNotFound(folder.Load().status())) << folder.Load().status();
}

TEST_F(IdentityFolderTest, WhatIsSavedIsLoadedAndNobodyElseCanReadIt) {
  const IdentityFolder folder = Open();
  const identity::X509Svid svid = Svid();
  ASSERT_TRUE(folder.SaveSvid(svid).ok());
  ASSERT_TRUE(folder.SaveTrust(Trust(7)).ok());
  const auto contents = folder.Load();
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->svid.leaf().serial_hex(), svid.leaf().serial_hex());
  EXPECT_EQ(contents->trust.trust->sequence, 7u);
  EXPECT_EQ(contents->trust.network.network_id.value(), "net-1");
  for (const char* name : {"identity/key.pem", "identity/chain.pem", "identity/trust.pb"}) {
    EXPECT_EQ(files_.Mode(name), 0600u) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(files_.path("identity/next-key.pem")));
}

// A renewal is three writes; a crash may come after each of them.
TEST_F(IdentityFolderTest, ACrashWithinARenewalLeavesAnIdentity) {
  const IdentityFolder folder = Open();
  const identity::X509Svid old_svid = Svid();
  const identity::X509Svid new_svid = Svid();
  ASSERT_TRUE(folder.SaveTrust(Trust()).ok());
  ASSERT_TRUE(folder.SaveSvid(new_svid).ok());
  const std::string new_key = files_.Read("identity/key.pem");
  const std::string new_chain = files_.Read("identity/chain.pem");
  ASSERT_TRUE(folder.SaveSvid(old_svid).ok());

  files_.Write("identity/next-key.pem", new_key);
  EXPECT_EQ(Serial(folder), old_svid.leaf().serial_hex());
  files_.Write("identity/chain.pem", new_chain);
  EXPECT_EQ(Serial(folder), new_svid.leaf().serial_hex());
  EXPECT_EQ(files_.Read("identity/key.pem"), new_key) << "the renewal is finished";
  EXPECT_FALSE(std::filesystem::exists(files_.path("identity/next-key.pem")));
  EXPECT_EQ(Serial(folder), new_svid.leaf().serial_hex());
}

TEST_F(IdentityFolderTest, AKeyThatBelongsToNothingIsRefused) {
  const IdentityFolder folder = Open();
  ASSERT_TRUE(folder.SaveTrust(Trust()).ok());
  ASSERT_TRUE(folder.SaveSvid(Svid()).ok());
  const std::string chain = files_.Read("identity/chain.pem");
  ASSERT_TRUE(folder.SaveSvid(Svid()).ok());
  files_.Write("identity/chain.pem", chain);
  const absl::Status status = folder.Load().status();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(absl::IsNotFound(status)) << "damaged is not the same as empty: " << status;
}

TEST_F(IdentityFolderTest, FilesThatOthersCanReadAreRefused) {
  const IdentityFolder folder = Open();
  ASSERT_TRUE(folder.SaveTrust(Trust()).ok());
  ASSERT_TRUE(folder.SaveSvid(Svid()).ok());
  files_.Write("identity/key.pem", files_.Read("identity/key.pem"), 0640);
  EXPECT_EQ(ReasonOf(folder.Load().status()), Reason::kKeyFileMode);
  std::filesystem::permissions(files_.path("identity"), std::filesystem::perms(0750));
  EXPECT_EQ(ReasonOf(IdentityFolder::Open(files_.path("identity")).status()), Reason::kKeyFileMode);
}

TEST_F(IdentityFolderTest, DamagedTrustIsNamed) {
  const IdentityFolder folder = Open();
  ASSERT_TRUE(folder.SaveSvid(Svid()).ok());
  ASSERT_TRUE(folder.SaveTrust("not a message \xff").ok());
  const absl::Status status = folder.Load().status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.ToString().find("trust.pb"), std::string::npos) << status;
}

}  // namespace
}  // namespace omninode::enrollment
