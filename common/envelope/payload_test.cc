#include "common/envelope/payload.h"

#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/introspection_codec.h"
#include "common/envelope/test_envelopes.h"
#include "common/envelope/test_wire.h"

namespace omninode::envelope {
namespace {

using directory::Introspection;
using testing::BytesField;
using testing::IntrospectionFields;
using testing::IntrospectionValue;
using testing::NumberField;
using testing::TombstoneValue;

absl::Status IntrospectionStatus(const std::string& bytes) {
  return DecodeIntrospection(bytes, Strictness::kRefuseUnknown).status();
}
absl::Status TombstoneStatus(const std::string& bytes) {
  return DecodeTombstone(bytes, Strictness::kRefuseUnknown).status();
}

TEST(IntrospectionPayloadTest, ComesBackAsItWas) {
  const auto decoded =
      DecodeIntrospection(EncodeIntrospection(IntrospectionValue()), Strictness::kRefuseUnknown);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, IntrospectionValue());
}

TEST(IntrospectionPayloadTest, UsesTheNamesOfTheProtoFile) {
  const v1::NodeIntrospection message = Encode(IntrospectionValue());
  EXPECT_EQ(message.namespace_(), "tenant-a");
  EXPECT_EQ(message.node_type(), "worker");
  EXPECT_EQ(message.node_id(), "w1");
  EXPECT_EQ(message.software_version(), "1.4.2");
  EXPECT_EQ(message.endpoints(1).url(), "https://10.0.0.7:9100/m");
  EXPECT_EQ(message.capabilities(0).value(), "40");
  EXPECT_EQ(message.labels(0).name(), "zone");
  EXPECT_EQ(message.epoch(), "blue");
  EXPECT_EQ(message.health(), type::v1::HEALTH_DEGRADED);
  EXPECT_EQ(message.ttl().seconds(), 4);
  EXPECT_EQ(message.ttl().nanos(), 500'000'000);
}

Introspection::NamedStrings ArbitraryItems(std::size_t max, const std::string& prefix) {
  Introspection::NamedStrings items;
  const auto count = *rc::gen::inRange<std::size_t>(0, max + 1);
  for (std::size_t i = 0; i < count; ++i) {
    items.emplace_back(fmt::format("n{}", i),
                       prefix + *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z')));
  }
  return items;
}

RC_GTEST_PROP(IntrospectionPayloadProperty, ComesBackAsItWas, ()) {
  auto fields = IntrospectionFields();
  fields.version = *rc::gen::element<std::string>("", "1", "2.0.0-rc1+build 7");
  fields.epoch = *rc::gen::element<std::string>("", "green", "2026-11-a");
  fields.health = *rc::gen::element(directory::Health::kServing, directory::Health::kDegraded,
                                    directory::Health::kNotServing);
  fields.requested_ttl = absl::Nanoseconds(*rc::gen::inRange<std::int64_t>(0, 86'400'000'000'000));
  fields.endpoints = ArbitraryItems(Introspection::kMaxEndpoints, "grpc://host/");
  fields.capabilities = ArbitraryItems(Introspection::kMaxCapabilities, "\u00e9");
  fields.labels = ArbitraryItems(Introspection::kMaxLabels, "");
  const auto value = Introspection::Create(fields);
  RC_ASSERT(value.ok());
  const auto decoded = DecodeIntrospection(EncodeIntrospection(*value), Strictness::kRefuseUnknown);
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == *value);
}

TEST(IntrospectionPayloadTest, TakesWhatIsNotSaidAsTheDefault) {
  v1::NodeIntrospection message = Encode(IntrospectionValue());
  message.clear_health();
  message.clear_ttl();
  const auto decoded = Decode(message);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->health(), directory::Health::kServing);
  EXPECT_EQ(decoded->requested_ttl(), absl::ZeroDuration());
}

struct Refusal {
  std::string field;
  Reason reason;
  std::function<void(v1::NodeIntrospection&)> spoil;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.field; }

class IntrospectionPayloadRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(IntrospectionPayloadRefusalTest, NamesTheField) {
  v1::NodeIntrospection message = Encode(IntrospectionValue());
  GetParam().spoil(message);
  const auto status = IntrospectionStatus(message.SerializeAsString());
  EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
  EXPECT_EQ(MetadataOf(status)["field"], GetParam().field) << status;
}

INSTANTIATE_TEST_SUITE_P(
    Fields, IntrospectionPayloadRefusalTest,
    ::testing::ValuesIn(std::vector<Refusal>{
        {"namespace", Reason::kNameInvalid, [](auto& m) { m.clear_namespace_(); }},
        {"node_type", Reason::kNameInvalid, [](auto& m) { m.set_node_type("Worker"); }},
        {"node_id", Reason::kNameInvalid, [](auto& m) { m.set_node_id(std::string("w\0", 2)); }},
        {"node_id", Reason::kNameInvalid, [](auto& m) { m.set_node_id("w\u202e1"); }},
        {"node_id", Reason::kNameInvalid, [](auto& m) { m.set_node_id("w\u200b1"); }},
        {"node_id", Reason::kNameInvalid, [](auto& m) { m.set_node_id("w\U0001f600"); }},
        {"software_version", Reason::kArgumentInvalid,
         [](auto& m) { m.set_software_version("1\n"); }},
        {"endpoints[1].url", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_endpoints(1)->set_url("no-scheme"); }},
        {"endpoints[0].name", Reason::kNameInvalid,
         [](auto& m) { m.mutable_endpoints(0)->set_name("Grpc"); }},
        {"capabilities", Reason::kArgumentInvalid,
         [](auto& m) {
           for (int i = 0; i < 64; ++i) m.add_capabilities()->set_name(fmt::format("c{}", i));
         }},
        {"labels[1].name", Reason::kArgumentInvalid,
         [](auto& m) { m.add_labels()->set_name("zone"); }},
        {"epoch", Reason::kNameInvalid, [](auto& m) { m.set_epoch("Blue"); }},
        {"health", Reason::kMsgMalformed,
         [](auto& m) { m.set_health(static_cast<type::v1::Health>(4)); }},
        {"ttl", Reason::kArgumentInvalid, [](auto& m) { m.mutable_ttl()->set_seconds(-1); }},
        {"ttl", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_ttl()->set_seconds(24 * 3600 + 1); }},
        {"ttl", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_ttl()->set_seconds(std::numeric_limits<std::int64_t>::max()); }},
        {"ttl", Reason::kArgumentInvalid, [](auto& m) { m.mutable_ttl()->set_nanos(-1); }},
    }));

TEST(IntrospectionPayloadTest, RefusesNamesThatAreNotUtf8AsNames) {
  const auto status = IntrospectionStatus(BytesField(3, "w\xff"));
  EXPECT_EQ(ReasonOf(status), Reason::kNameInvalid);
  EXPECT_EQ(MetadataOf(status)["field"], "node_id");
}

TEST(IntrospectionPayloadTest, LeavesUnknownFieldsToTheReadersStrictness) {
  const std::string plain = EncodeIntrospection(IntrospectionValue());
  for (const std::string& bytes :
       {plain + NumberField(11, 1),
        plain + BytesField(7, BytesField(1, "rack") + BytesField(2, "9") + NumberField(3, 1))}) {
    EXPECT_EQ(ReasonOf(IntrospectionStatus(bytes)), Reason::kMsgMalformed);
    EXPECT_EQ(DecodeIntrospection(bytes, Strictness::kIgnoreUnknown).status(), absl::OkStatus());
  }
}

TEST(IntrospectionPayloadTest, RefusesASecondNodeIdFromEverybody) {
  const std::string bytes = EncodeIntrospection(IntrospectionValue()) + BytesField(3, "w2");
  for (const auto strictness : {Strictness::kRefuseUnknown, Strictness::kIgnoreUnknown}) {
    EXPECT_EQ(ReasonOf(DecodeIntrospection(bytes, strictness).status()), Reason::kMsgMalformed);
  }
}

TEST(TombstonePayloadTest, ComesBackAsItWas) {
  const auto decoded =
      DecodeTombstone(EncodeTombstone(TombstoneValue()), Strictness::kRefuseUnknown);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, TombstoneValue());
}

TEST(TombstonePayloadTest, NamesTheFieldThatIsWrong) {
  const auto expect = [](const std::string& field, Reason reason, auto spoil) {
    v1::NodeTombstone message = Encode(TombstoneValue());
    spoil(message);
    const auto status = TombstoneStatus(message.SerializeAsString());
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_EQ(MetadataOf(status)["field"], field) << status;
  };
  expect("namespace", Reason::kNameInvalid, [](auto& m) { m.set_namespace_("A"); });
  expect("node_type", Reason::kNameInvalid, [](auto& m) { m.clear_node_type(); });
  expect("node_id", Reason::kNameInvalid, [](auto& m) { m.set_node_id("w 1"); });
  expect("final_health", Reason::kMsgMalformed,
         [](auto& m) { m.set_final_health(static_cast<type::v1::Health>(9)); });
  expect("uptime", Reason::kArgumentInvalid, [](auto& m) {
    m.mutable_uptime()->set_seconds(-1);
    m.mutable_uptime()->set_nanos(0);
  });
  expect("uptime", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_uptime()->set_nanos(1'000'000'000); });
  expect("reason_text", Reason::kArgumentInvalid,
         [](auto& m) { m.set_reason_text(std::string(257, 'r')); });
  expect("reason_text", Reason::kArgumentInvalid, [](auto& m) { m.set_reason_text("a\x1b[2J"); });
}

TEST(TombstonePayloadTest, LeavesUnknownFieldsToTheReadersStrictness) {
  const std::string bytes = EncodeTombstone(TombstoneValue()) + NumberField(7, 1);
  EXPECT_EQ(ReasonOf(TombstoneStatus(bytes)), Reason::kMsgMalformed);
  EXPECT_EQ(DecodeTombstone(bytes, Strictness::kIgnoreUnknown).status(), absl::OkStatus());
}

TEST(PayloadTest, RefusesTheOtherPayload) {
  EXPECT_FALSE(TombstoneStatus(EncodeIntrospection(IntrospectionValue())).ok());
}

}  // namespace
}  // namespace omninode::envelope
