#include "common/rpc/serve/caller.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::rpc {
namespace {

class CallerTest : public testing::Test {
 protected:
  Caller MakeCaller(std::string_view path) const {
    const identity::X509Svid svid = authority_.Issue(path);
    Caller caller;
    caller.svid = std::make_shared<const identity::VerifiedSvid>(
        identity::VerifySvid(svid.chain(), *authority_.Trust(),
                             identity::TestAuthority::DefaultNow())
            .value());
    return caller;
  }
  absl::Status Check(std::string_view path, std::string_view ns, Access access) const {
    return CheckNamespace(MakeCaller(path), NamespaceName::Parse(ns).value(), access);
  }
  bool Reads(std::string_view path, std::string_view ns) const {
    return Check(path, ns, Access::kRead).ok();
  }
  bool Writes(std::string_view path, std::string_view ns) const {
    return Check(path, ns, Access::kWrite).ok();
  }

  const identity::TestAuthority authority_{"example.org"};
};

TEST_F(CallerTest, AdminsGoEverywhere) {
  EXPECT_TRUE(Reads("/admin/ann", "tenant-a"));
  EXPECT_TRUE(Writes("/admin/ann", "system"));
}

TEST_F(CallerTest, NamespaceAdminsGoToTheirOwn) {
  EXPECT_TRUE(Writes("/ns/tenant-a/admin/bob", "tenant-a"));
  EXPECT_FALSE(Reads("/ns/tenant-a/admin/bob", "tenant-b"));
  EXPECT_FALSE(Reads("/ns/tenant-a/admin/bob", "default"));
}

TEST_F(CallerTest, NodesGoToTheirOwn) {
  EXPECT_TRUE(Reads("/ns/tenant-a/node/cache/c1", "tenant-a"));
  EXPECT_FALSE(Reads("/ns/tenant-a/node/cache/c1", "tenant-b"));
  EXPECT_TRUE(Reads("/node/cache/c1", "default"));
  EXPECT_FALSE(Reads("/node/cache/c1", "tenant-a"));
}

TEST_F(CallerTest, FourServicesReadEverythingAndWriteNowhereElse) {
  for (const char* name : {"gateway", "consul", "federation", "registry"}) {
    const std::string path = fmt::format("/service/{}/x-1", name);
    EXPECT_TRUE(Reads(path, "tenant-a")) << name;
    EXPECT_FALSE(Writes(path, "tenant-a")) << name;
    EXPECT_TRUE(Writes(path, "system")) << name;
  }
  for (const char* name : {"attestor", "bootstrap", "policy"}) {
    EXPECT_FALSE(Reads(fmt::format("/service/{}/x-1", name), "tenant-a")) << name;
    EXPECT_TRUE(Reads(fmt::format("/service/{}/x-1", name), "system")) << name;
  }
}

TEST_F(CallerTest, AgentsBelongToNoNamespace) {
  EXPECT_FALSE(Reads("/agent/host-1", "default"));
  EXPECT_FALSE(Reads("/agent/host-1", "system"));
}

TEST_F(CallerTest, ANamespaceIsParsedBeforeItIsJudged) {
  const Caller caller = MakeCaller("/ns/tenant-a/node/cache/c1");
  EXPECT_EQ(AccessibleNamespace(caller, "tenant-a", Access::kRead)->value(), "tenant-a");
  EXPECT_EQ(ReasonOf(AccessibleNamespace(caller, "Tenant A", Access::kRead).status()),
            Reason::kNameInvalid);
  EXPECT_EQ(ReasonOf(AccessibleNamespace(caller, "tenant-b", Access::kRead).status()),
            Reason::kNsForbidden);
}

TEST_F(CallerTest, SaysNsForbidden) {
  EXPECT_EQ(ReasonOf(Check("/node/cache/c1", "tenant-a", Access::kRead)), Reason::kNsForbidden);
}

}  // namespace
}  // namespace omninode::rpc
