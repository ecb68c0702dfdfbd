#include "common/identity/principal.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"

namespace omninode::identity {
namespace {

const TrustDomain kTd = TrustDomain::Parse("td").value();

NamespaceName Ns(std::string_view name) { return NamespaceName::Parse(name).value(); }
NodeType Type(std::string_view name) { return NodeType::Parse(name).value(); }
NodeId Id(std::string_view name) { return NodeId::Parse(name).value(); }

absl::StatusOr<Principal> FromPath(std::string_view path) {
  return Principal::From(SpiffeId::FromParts(kTd, path).value());
}

TEST(PrincipalTest, ReadsEveryRole) {
  EXPECT_EQ(*FromPath("/node/cache/c1")->As<NodeIdentity>(),
            (NodeIdentity{Ns("default"), Type("cache"), Id("c1")}));
  EXPECT_EQ(*FromPath("/ns/tenant-a/node/cache/c1")->As<NodeIdentity>(),
            (NodeIdentity{Ns("tenant-a"), Type("cache"), Id("c1")}));
  EXPECT_EQ(*FromPath("/agent/host-1.example")->As<AgentIdentity>(),
            AgentIdentity{Id("host-1.example")});
  EXPECT_EQ(*FromPath("/service/registry/registry-1")->As<ServiceIdentity>(),
            (ServiceIdentity{Type("registry"), Id("registry-1")}));
  EXPECT_EQ(*FromPath("/admin/alice")->As<AdminIdentity>(), AdminIdentity{Id("alice")});
  EXPECT_EQ(*FromPath("/ns/tenant-a/admin/bob")->As<NamespaceAdminIdentity>(),
            (NamespaceAdminIdentity{Ns("tenant-a"), Id("bob")}));
}

TEST(PrincipalTest, TheKindIsThatOfTheValue) {
  const std::pair<std::string_view, Principal::Kind> rows[] = {
      {"/node/cache/c1", Principal::Kind::kNode},          {"/agent/h", Principal::Kind::kAgent},
      {"/service/a/b", Principal::Kind::kService},         {"/admin/a", Principal::Kind::kAdmin},
      {"/ns/a/admin/b", Principal::Kind::kNamespaceAdmin},
  };
  for (const auto& [path, kind] : rows) EXPECT_EQ(FromPath(path)->kind(), kind) << path;
  EXPECT_EQ(FromPath("/admin/a")->As<NodeIdentity>(), nullptr);
  EXPECT_EQ(NameOf(Principal::Kind::kNode), "node");
  EXPECT_EQ(NameOf(Principal::Kind::kNamespaceAdmin), "namespace_admin");
}

TEST(PrincipalTest, AnIdentityHasOneSpelling) {
  EXPECT_EQ(ReasonOf(FromPath("/ns/default/node/cache/c1").status()), Reason::kRoleRequired);
  EXPECT_EQ(ReasonOf(FromPath("/ns/system/node/registry/r1").status()), Reason::kRoleRequired);
  // These two have no other spelling.
  EXPECT_TRUE(FromPath("/ns/default/admin/alice").ok());
  EXPECT_TRUE(FromPath("/ns/system/admin/alice").ok());
}

TEST(PrincipalTest, OtherPathsHaveNoRole) {
  for (const std::string_view path : {"",
                                      "/node",
                                      "/node/cache",
                                      "/node/cache/c1/x",
                                      "/Node/cache/c1",
                                      "/node/Cache/c1",
                                      "/node/cache/C1",
                                      "/node/ca_che/c1",
                                      "/agent",
                                      "/agent/a/b",
                                      "/agent/-",
                                      "/service/a",
                                      "/service/a/b/c",
                                      "/admin",
                                      "/admin/a/b",
                                      "/admin/A",
                                      "/ns",
                                      "/ns/a",
                                      "/ns/a/node",
                                      "/ns/a/node/b",
                                      "/ns/a/node/b/c/d",
                                      "/ns/A/node/b/c",
                                      "/ns/a/admin",
                                      "/ns/a/admin/b/c",
                                      "/ns/a/agent/h",
                                      "/ns/a/service/b/c",
                                      "/ns/a.b/admin/c",
                                      "/spire/agent/x509pop/1",
                                      "/workload"}) {
    EXPECT_EQ(ReasonOf(FromPath(path).status()), Reason::kRoleRequired) << path;
  }
}

TEST(PrincipalTest, NodesAndServicesRegisterOthersDoNot) {
  EXPECT_EQ(AsNode(*FromPath("/ns/a/node/b/c")), (NodeIdentity{Ns("a"), Type("b"), Id("c")}));
  EXPECT_EQ(AsNode(*FromPath("/service/registry/registry-1")),
            (NodeIdentity{Ns("system"), Type("registry"), Id("registry-1")}));
  EXPECT_EQ(AsNode(*FromPath("/agent/h")), std::nullopt);
  EXPECT_EQ(AsNode(*FromPath("/admin/a")), std::nullopt);
  EXPECT_EQ(AsNode(*FromPath("/ns/a/admin/b")), std::nullopt);
}

TEST(PrincipalTest, IdsAreWrittenAsTheyAreRead) {
  EXPECT_EQ(NodeSpiffeId(kTd, Ns("default"), Type("b"), Id("c")).ToString(),
            "spiffe://td/node/b/c");
  EXPECT_EQ(NodeSpiffeId(kTd, Ns("a"), Type("b"), Id("c")).ToString(), "spiffe://td/ns/a/node/b/c");
  EXPECT_EQ(NodeSpiffeId(kTd, Ns("system"), Type("b"), Id("c")).ToString(),
            "spiffe://td/service/b/c");
  EXPECT_EQ(AgentSpiffeId(kTd, Id("h")).ToString(), "spiffe://td/agent/h");
  EXPECT_EQ(AdminSpiffeId(kTd, Id("a")).ToString(), "spiffe://td/admin/a");
  EXPECT_EQ(NamespaceAdminSpiffeId(kTd, Ns("n"), Id("a")).ToString(), "spiffe://td/ns/n/admin/a");
}

TEST(PrincipalTest, TheLongestNamesFit) {
  const NodeIdentity node{Ns(std::string(63, 'n')), Type(std::string(63, 't')),
                          Id(std::string(128, 'i'))};
  EXPECT_EQ(AsNode(*Principal::From(NodeSpiffeId(kTd, node))), node);
}

rc::Gen<std::string> ShortName() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', '0')));
}

RC_GTEST_PROP(PrincipalProperty, EveryNodeIsReadBackFromItsOneId, ()) {
  const auto ns = *rc::gen::oneOf(ShortName(), rc::gen::element<std::string>("default", "system"));
  const auto type = *ShortName();
  const auto id = *ShortName();
  RC_PRE(ns.size() <= 63u && type.size() <= 63u && id.size() <= 128u);
  const NodeIdentity node{Ns(ns), Type(type), Id(id)};
  const auto principal = Principal::From(NodeSpiffeId(kTd, node));
  RC_ASSERT(principal.ok());
  RC_ASSERT(AsNode(*principal) == node);
}

RC_GTEST_PROP(PrincipalProperty, WhatHasARoleIsSpelledInItsOneForm, ()) {
  const auto word = rc::gen::element<std::string>("node", "agent", "service", "admin", "default",
                                                  "system", "a", "b1");
  const std::string prefix = *rc::gen::element<std::string>(
      "", "/node", "/agent", "/service", "/admin", "/ns/default", "/ns/system", "/ns/a");
  const auto count = *rc::gen::inRange<std::size_t>(1, 4);
  std::string path = prefix;
  for (const std::string& segment : *rc::gen::container<std::vector<std::string>>(count, word)) {
    path += "/" + segment;
  }
  const SpiffeId id = SpiffeId::FromParts(kTd, path).value();
  const auto principal = Principal::From(id);
  RC_CLASSIFY(principal.ok(), "has a role");
  if (!principal.ok()) return;
  if (const auto* node = principal->As<NodeIdentity>()) RC_ASSERT(NodeSpiffeId(kTd, *node) == id);
  if (const auto* agent = principal->As<AgentIdentity>()) {
    RC_ASSERT(AgentSpiffeId(kTd, agent->host) == id);
  }
  if (const auto* service = principal->As<ServiceIdentity>()) {
    RC_ASSERT(ServiceSpiffeId(kTd, service->name, service->instance) == id);
  }
  if (const auto* admin = principal->As<AdminIdentity>()) {
    RC_ASSERT(AdminSpiffeId(kTd, admin->name) == id);
  }
  if (const auto* admin = principal->As<NamespaceAdminIdentity>()) {
    RC_ASSERT(NamespaceAdminSpiffeId(kTd, admin->namespace_name, admin->name) == id);
  }
}

}  // namespace
}  // namespace omninode::identity
