#include "common/directory/canonical.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/directory/set_hash.h"
#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::FieldsOf;
using testing::HashOf;
using testing::Node;

// The reference page without blanks, so that its byte dumps may be broken into lines.
std::string ReferencePage() {
  std::ifstream file(OMNINODE_TOPOLOGY_HASH_PAGE);
  std::string page{std::istreambuf_iterator<char>(file), {}};
  std::erase_if(page, [](unsigned char c) { return std::isspace(c) != 0; });
  return page;
}

NodeViewPtr FirstExample() {
  return Node({.ns = "tenant-a",
               .node_type = "worker",
               .node_id = "worker-1",
               .version = "1.4.2",
               .endpoints = {{"metrics", "https://10.0.0.7:9443/metrics"},
                             {"grpc", "grpcs://10.0.0.7:8443"}},
               .capabilities = {{"max_jobs", "40"}},
               .labels = {{"zone", "zürich"}},
               .epoch = "blue"},
              7);
}

NodeViewPtr SecondExample() {
  return Node({.ns = "tenant-a",
               .node_type = "router",
               .node_id = "router-1",
               .health = Health::kNotServing},
              9);
}

TEST(CanonicalTest, TheWorkedExampleOfTheReferencePageHolds) {
  const std::string page = ReferencePage();
  ASSERT_NE(page.find("Workedexample"), std::string::npos) << OMNINODE_TOPOLOGY_HASH_PAGE;
  SetHash hash;
  for (const auto& node : {FirstExample(), SecondExample()}) {
    const std::string form = HexEncode(CanonicalForm(*node));
    EXPECT_NE(page.find(form), std::string::npos) << form;
    const std::string digest = crypto::DigestHex(CanonicalDigest(*node));
    EXPECT_NE(page.find(digest), std::string::npos) << digest;
    hash.Add(CanonicalDigest(*node));
  }
  EXPECT_NE(page.find(hash.ToHex()), std::string::npos) << hash.ToHex();
}

TEST(CanonicalTest, TheFormOfAMinimalNodeIsAsWrittenDown) {
  const auto text = [](const std::string& s) {
    return std::string(3, '\0') + static_cast<char>(s.size()) + s;
  };
  const std::string empty(4, '\0');
  EXPECT_EQ(CanonicalForm(*SecondExample()), text("omninode-node-v1") + text("tenant-a") +
                                                 text("router-1") + text("router") + empty + empty +
                                                 empty + empty + empty + text("not_serving") +
                                                 std::string(7, '\0') + "\x09");
}

TEST(CanonicalTest, EveryVisibleFieldChangesTheForm) {
  const std::vector<std::function<void(Introspection::Fields&)>> changes = {
      [](auto& f) { f.ns = "tenant-b"; },
      [](auto& f) { f.node_id = "w2"; },
      [](auto& f) { f.node_type = "router"; },
      [](auto& f) { f.version = "1.0.1"; },
      [](auto& f) { f.endpoints[0].first = "http"; },
      [](auto& f) { f.endpoints[0].second = "grpcs://10.0.0.7:8444"; },
      [](auto& f) { f.capabilities[0].second = "41"; },
      [](auto& f) { f.labels[0].first = "region"; },
      [](auto& f) { std::swap(f.labels, f.capabilities); },
      [](auto& f) { f.epoch = "green"; },
      [](auto& f) { f.health = Health::kDegraded; },
  };
  std::vector<std::string> forms = {CanonicalForm(*Node("w1", 1)), CanonicalForm(*Node("w1", 2))};
  for (const auto& change : changes) {
    auto fields = FieldsOf("w1");
    change(fields);
    forms.push_back(CanonicalForm(*Node(fields, 1)));
  }
  std::ranges::sort(forms);
  EXPECT_EQ(std::ranges::adjacent_find(forms), forms.end());
}

TEST(CanonicalTest, WhatConsumersDoNotSeeIsNotInTheForm) {
  const auto node = Node("w1", 1);
  NodeView other = *node;
  other.actor = "x";
  other.decision = "y";
  other.registered_at += absl::Seconds(1);
  other.lease_ttl *= 2;
  auto fields = FieldsOf("w1");
  fields.requested_ttl = absl::Seconds(5);
  other.introspection = Introspection::Create(fields).value();
  EXPECT_EQ(CanonicalForm(*node), CanonicalForm(other));
}

TEST(CanonicalTest, TheSumOfTwoNodesIsNotThatOfTheirExchangedParts) {
  const auto a = Node("w1", 1);
  const auto b = Node("w2", 2);
  const auto c = Node("w1", 2);
  const auto d = Node("w2", 1);
  EXPECT_NE(HashOf(std::vector{a, b}), HashOf(std::vector{c, d}));
}

}  // namespace
}  // namespace omninode::directory
