#include "common/rpc/serve/roles_table.h"

#include <set>
#include <string>

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "common/identity/testing/test_authority.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"
#include "omninode/bootstrap/v1/authority_service.pb.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "omninode/bootstrap/v1/identity_service.pb.h"
#include "omninode/bootstrap/v1/local_identity_service.pb.h"
#include "omninode/bootstrap/v1/trust_service.pb.h"
#include "omninode/registry/v1/namespace_service.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "omninode/registry/v1/topology_service.pb.h"

namespace omninode::rpc {
namespace {

// One message of each file, so that its descriptors are linked and found. A service file missing
// here shows as a row without an RPC.
std::multiset<std::string> AllRpcs() {
  const google::protobuf::Descriptor* messages[] = {bootstrap::v1::AttestRequest::descriptor(),
                                                    bootstrap::v1::RevokeSvidRequest::descriptor(),
                                                    bootstrap::v1::GetEntryRequest::descriptor(),
                                                    bootstrap::v1::RenewSvidRequest::descriptor(),
                                                    bootstrap::v1::IssueSvidRequest::descriptor(),
                                                    bootstrap::v1::GetTrustRequest::descriptor(),
                                                    registry::v1::GetNamespaceRequest::descriptor(),
                                                    registry::v1::GetNodeRequest::descriptor(),
                                                    registry::v1::GetTopologyRequest::descriptor()};
  std::multiset<std::string> rpcs;
  for (const auto* message : messages) {
    const google::protobuf::FileDescriptor* file = message->file();
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        rpcs.insert(file->service(s)->full_name() + "/" + file->service(s)->method(m)->name());
      }
    }
  }
  return rpcs;
}

const google::protobuf::MethodDescriptor* Find(std::string_view method) {
  std::string name(method);
  name[name.find('/')] = '.';
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
}

TEST(RolesTableTest, EveryRpcHasExactlyOneRow) {
  std::multiset<std::string> rows;
  for (const RpcRule& row : RolesTable()) rows.emplace(row.method);
  EXPECT_EQ(rows, AllRpcs());
}

TEST(RolesTableTest, EveryRowLetsSomebodyIn) {
  for (const RpcRule& row : RolesTable()) EXPECT_FALSE(row.roles.empty()) << row.method;
}

TEST(RolesTableTest, StreamsAndOnlyLongCallsCountAsStreams) {
  for (const RpcRule& row : RolesTable()) {
    const auto* method = Find(row.method);
    ASSERT_NE(method, nullptr) << row.method;
    const bool stream = method->client_streaming() || method->server_streaming();
    const bool waits = row.method.ends_with("/WaitForVersion");
    EXPECT_EQ(row.limiter == Limiter::kStream, stream || waits) << row.method;
  }
}

TEST(RolesTableTest, FindsEachRowByItsMethod) {
  for (const RpcRule& row : RolesTable()) EXPECT_EQ(&RuleOf(row.method), &row);
}

TEST(RolesTableTest, AMethodWithoutARowIsForNobody) {
  for (const char* method : {"", "omninode.registry.v1.RegistryService", "zzz",
                             "omninode.registry.v1.RegistryService/register",
                             "/omninode.registry.v1.RegistryService/Register"}) {
    EXPECT_TRUE(RuleOf(method).roles.empty()) << method;
    EXPECT_EQ(RuleOf(method).method, "other");
  }
}

TEST(RolesTableTest, OnlyTheRightRoleGetsThroughASensitiveDoor) {
  const Roles admin = {Role::kAdmin};
  for (const char* method : {"AuthorityService/RevokeSvid", "AuthorityService/BanIdentity",
                             "EntryService/CreateEntry", "EntryService/CreateJoinToken"}) {
    EXPECT_EQ(RuleOf(std::string("omninode.bootstrap.v1.") + method).roles, admin) << method;
  }
  EXPECT_EQ(RuleOf("omninode.registry.v1.NamespaceService/CreateNamespace").roles, admin);
  const Roles attestor = {Role::kAttestor};
  EXPECT_EQ(RuleOf("omninode.bootstrap.v1.IdentityService/FinishAttestation").roles, attestor);
  const Roles local = {Role::kLocal};
  EXPECT_EQ(RuleOf("omninode.bootstrap.v1.LocalIdentityService/IssueSvid").roles, local);
}

TEST(RolesTableTest, OnlyTheAttestorsPortIsForAnyone) {
  for (const RpcRule& row : RolesTable()) {
    EXPECT_EQ(row.roles.Has(Role::kAnyone), row.method.ends_with("AttestationService/Attest"))
        << row.method;
  }
}

TEST(RolesTableTest, APathGivesItsRoles) {
  const identity::TestAuthority authority("example.org");
  const auto roles = [&](std::string_view path) {
    return RolesOf(identity::Principal::From(authority.Id(path)).value());
  };
  EXPECT_EQ(roles("/node/cache/c1"), (Roles{Role::kNode}));
  EXPECT_EQ(roles("/ns/tenant-a/node/cache/c1"), (Roles{Role::kNode}));
  EXPECT_EQ(roles("/agent/host-1"), (Roles{Role::kAgent}));
  EXPECT_EQ(roles("/service/gateway/g1"), (Roles{Role::kService}));
  EXPECT_EQ(roles("/service/attestor/a1"), (Roles{Role::kService, Role::kAttestor}));
  EXPECT_EQ(roles("/service/registry/r1"), (Roles{Role::kService, Role::kRegistry}));
  EXPECT_EQ(roles("/admin/ann"), (Roles{Role::kAdmin}));
  EXPECT_EQ(roles("/ns/tenant-a/admin/bob"), (Roles{Role::kNamespaceAdmin}));
}

}  // namespace
}  // namespace omninode::rpc
