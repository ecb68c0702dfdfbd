#include "common/directory/introspection.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::FieldsOf;

Introspection::NamedStrings Numbered(std::size_t count, const std::string& value) {
  Introspection::NamedStrings items;
  for (std::size_t i = 0; i < count; ++i) items.emplace_back(fmt::format("n{}", i), value);
  return items;
}

struct Refusal {
  std::string field;
  Reason reason;
  std::function<void(Introspection::Fields&)> spoil;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.field; }

class IntrospectionRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(IntrospectionRefusalTest, NamesTheField) {
  auto fields = FieldsOf("w1");
  ASSERT_TRUE(Introspection::Create(fields).ok());
  GetParam().spoil(fields);
  const auto status = Introspection::Create(fields).status();
  EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
  EXPECT_TRUE(Message(status).starts_with(GetParam().field + ": ")) << status;
  EXPECT_EQ(MetadataOf(status)["field"], GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, IntrospectionRefusalTest,
    ::testing::ValuesIn(std::vector<Refusal>{
        {"namespace", Reason::kNameInvalid, [](auto& f) { f.ns = "Tenant"; }},
        {"node_type", Reason::kNameInvalid, [](auto& f) { f.node_type = ""; }},
        {"node_id", Reason::kNameInvalid, [](auto& f) { f.node_id = "w1-"; }},
        {"node_id", Reason::kNameInvalid, [](auto& f) { f.node_id = "w\u200b1"; }},
        {"software_version", Reason::kArgumentInvalid,
         [](auto& f) { f.version = std::string(65, '1'); }},
        {"software_version", Reason::kArgumentInvalid, [](auto& f) { f.version = "1\n2"; }},
        {"epoch", Reason::kNameInvalid, [](auto& f) { f.epoch = "Blue"; }},
        {"epoch", Reason::kNameInvalid, [](auto& f) { f.epoch = std::string(64, 'b'); }},
        {"health", Reason::kMsgMalformed, [](auto& f) { f.health = static_cast<Health>(0); }},
        {"ttl", Reason::kArgumentInvalid, [](auto& f) { f.requested_ttl = -absl::Nanoseconds(1); }},
        {"ttl", Reason::kArgumentInvalid,
         [](auto& f) { f.requested_ttl = absl::Hours(24) + absl::Nanoseconds(1); }},
        {"endpoints", Reason::kArgumentInvalid,
         [](auto& f) { f.endpoints = Numbered(17, "http://h"); }},
        {"endpoints[2].url", Reason::kArgumentInvalid,
         [](auto& f) {
           f.endpoints = {{"z", "http://h"}, {"a", "http://h"}, {"b", "http://"}};
         }},
        {"endpoints[1].name", Reason::kNameInvalid,
         [](auto& f) {
           f.endpoints = {{"a", "http://h"}, {"B", "http://h"}};
         }},
        {"endpoints[2].name", Reason::kArgumentInvalid,
         [](auto& f) {
           f.endpoints = {{"a", "http://h"}, {"b", "http://h"}, {"a", "http://i"}};
         }},
        {"capabilities", Reason::kArgumentInvalid,
         [](auto& f) { f.capabilities = Numbered(65, "x"); }},
        {"capabilities[0].value", Reason::kMsgMalformed,
         [](auto& f) {
           f.capabilities = {{"a", "\xff"}};
         }},
        {"labels", Reason::kArgumentInvalid, [](auto& f) { f.labels = Numbered(65, "x"); }},
        {"labels[0].value", Reason::kArgumentInvalid,
         [](auto& f) {
           f.labels = {{"a", "x\u202ey"}};
         }},
    }));

TEST(IntrospectionTest, TakesEveryListAndTextAtItsBound) {
  auto fields = FieldsOf("w1");
  fields.version = std::string(Introspection::kMaxVersionBytes, '1');
  fields.epoch = "2" + std::string(62, 'b');
  fields.endpoints = Numbered(Introspection::kMaxEndpoints, "http://h");
  fields.capabilities = Numbered(Introspection::kMaxCapabilities, "x");
  fields.labels = Numbered(Introspection::kMaxLabels, "x");
  fields.requested_ttl = Introspection::kMaxRequestedTtl;
  EXPECT_TRUE(Introspection::Create(fields).ok());
}

TEST(IntrospectionTest, TakesADescriptionOfNothingButNames) {
  const auto value =
      Introspection::Create({.ns = "default", .node_type = "worker", .node_id = "w1"}).value();
  EXPECT_EQ(value.version(), "");
  EXPECT_EQ(value.epoch(), "");
  EXPECT_EQ(value.health(), Health::kServing);
  EXPECT_EQ(value.requested_ttl(), absl::ZeroDuration());
  EXPECT_TRUE(value.endpoints().empty());
}

TEST(IntrospectionTest, OrderOfTheListsDoesNotMatter) {
  auto fields = FieldsOf("w1");
  fields.labels = {{"b", "1"}, {"a", "2"}};
  fields.endpoints = {{"y", "http://h"}, {"x", "http://h"}};
  auto reversed = fields;
  std::ranges::reverse(reversed.labels);
  std::ranges::reverse(reversed.endpoints);
  const auto value = Introspection::Create(fields).value();
  EXPECT_EQ(value, Introspection::Create(reversed).value());
  EXPECT_EQ(value.labels().front().name().value(), "a");
  EXPECT_EQ(value.endpoints().front().name().value(), "x");
}

TEST(IntrospectionTest, WithHealthChangesNothingElse) {
  const auto value = Introspection::Create(FieldsOf("w1")).value();
  const auto degraded = value.WithHealth(Health::kDegraded);
  EXPECT_EQ(degraded.health(), Health::kDegraded);
  EXPECT_NE(degraded, value);
  EXPECT_EQ(degraded.WithHealth(Health::kServing), value);
}

TEST(EpochTest, MayBeginWithADigit) {
  EXPECT_TRUE(IsEpoch("2026-11-a"));
  EXPECT_TRUE(IsEpoch("blue"));
  for (const auto* text : {"", "-a", ".a", "a b", "ü"}) EXPECT_FALSE(IsEpoch(text)) << text;
}

}  // namespace
}  // namespace omninode::directory
