#include "common/envelope/envelope_body.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/test_envelopes.h"
#include "common/envelope/test_wire.h"
#include "omninode/envelope/v1/signed_envelope.pb.h"

namespace omninode::envelope {
namespace {

using testing::AudienceOf;
using testing::BodyValue;
using testing::BytesField;
using testing::NumberField;

absl::StatusOr<Body> Strict(const std::string& bytes) {
  return DecodeBody(bytes, Strictness::kRefuseUnknown);
}

TEST(EnvelopeBodyTest, ComesBackAsItWas) {
  const auto decoded = Strict(EncodeBody(BodyValue()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, BodyValue());
}

RC_GTEST_PROP(EnvelopeBodyProperty, ComesBackAsItWas, ()) {
  Body body = BodyValue();
  body.type = *rc::gen::element(EventType::kNodeIntrospection, EventType::kNodeTombstone);
  body.timestamp = absl::FromUnixNanos(*rc::gen::arbitrary<std::int64_t>());
  body.signed_at = absl::FromUnixNanos(*rc::gen::arbitrary<std::int64_t>());
  body.sequence = *rc::gen::inRange<std::uint64_t>(1, kMaxSequence);
  body.leaf_fingerprint = crypto::Sha256(*rc::gen::arbitrary<std::string>());
  body.correlation_id = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
  body.payload = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RC_PRE(body.correlation_id.size() <= kMaxCorrelationIdBytes);
  const auto decoded = Strict(EncodeBody(body));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == body);
}

struct Refusal {
  std::string field;
  Reason reason;
  std::function<void(v1::EnvelopeBody&)> spoil;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.field; }

class EnvelopeBodyRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(EnvelopeBodyRefusalTest, NamesTheField) {
  v1::EnvelopeBody message;
  ASSERT_TRUE(message.ParseFromString(EncodeBody(BodyValue())));
  GetParam().spoil(message);
  for (const auto strictness : {Strictness::kRefuseUnknown, Strictness::kIgnoreUnknown}) {
    const auto status = DecodeBody(message.SerializeAsString(), strictness).status();
    EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
    EXPECT_EQ(MetadataOf(status)["field"], GetParam().field) << status;
    EXPECT_TRUE(Message(status).starts_with(GetParam().field + ": ")) << status;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fields, EnvelopeBodyRefusalTest,
    ::testing::ValuesIn(std::vector<Refusal>{
        {"event_id", Reason::kArgumentInvalid, [](auto& m) { m.clear_event_id(); }},
        {"event_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_event_id("0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c9"); }},
        {"event_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_event_id("0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c901"); }},
        {"event_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_event_id("0f4f1c3e+7d52-4c8b-9f0a-2b6d1e5a7c90"); }},
        {"event_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_event_id("0f4f1c3g-7d52-4c8b-9f0a-2b6d1e5a7c90"); }},
        {"event_type", Reason::kMsgMalformed, [](auto& m) { m.clear_event_type(); }},
        {"event_type", Reason::kMsgMalformed,
         [](auto& m) { m.set_event_type(static_cast<v1::EventType>(3)); }},
        {"timestamp", Reason::kArgumentInvalid, [](auto& m) { m.clear_timestamp(); }},
        {"timestamp", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_timestamp()->set_nanos(1'000'000'000); }},
        {"timestamp", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_timestamp()->set_nanos(-1); }},
        {"signed_at", Reason::kArgumentInvalid, [](auto& m) { m.clear_signed_at(); }},
        {"signed_at", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_signed_at()->set_seconds(253'402'300'800); }},
        {"signed_at", Reason::kArgumentInvalid,
         [](auto& m) { m.mutable_signed_at()->set_seconds(-62'135'596'801); }},
        {"signed_at", Reason::kArgumentInvalid,
         [](auto& m) {
           m.mutable_signed_at()->set_seconds(std::numeric_limits<std::int64_t>::max());
         }},
        {"audience.network_id", Reason::kNameInvalid, [](auto& m) { m.clear_audience(); }},
        {"audience.network_id", Reason::kNameInvalid,
         [](auto& m) { m.mutable_audience()->set_network_id("Demo"); }},
        {"audience.namespace", Reason::kNameInvalid,
         [](auto& m) { m.mutable_audience()->set_namespace_("tenant.a"); }},
        {"sequence", Reason::kArgumentInvalid, [](auto& m) { m.clear_sequence(); }},
        {"sequence", Reason::kArgumentInvalid, [](auto& m) { m.set_sequence(kMaxSequence + 1); }},
        {"leaf_fingerprint", Reason::kArgumentInvalid, [](auto& m) { m.clear_leaf_fingerprint(); }},
        {"leaf_fingerprint", Reason::kArgumentInvalid,
         [](auto& m) { m.set_leaf_fingerprint(std::string(33, 'f')); }},
        {"correlation_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_correlation_id(std::string(kMaxCorrelationIdBytes + 1, 'c')); }},
        {"correlation_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_correlation_id("two\nlines"); }},
        {"correlation_id", Reason::kArgumentInvalid,
         [](auto& m) { m.set_correlation_id("\u00e9"); }},
    }));

TEST(EnvelopeBodyTest, AcceptsValuesAtTheirBounds) {
  Body body = BodyValue();
  body.sequence = kMaxSequence;
  body.correlation_id = std::string(kMaxCorrelationIdBytes, '~');
  body.event_id = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";
  body.payload.clear();
  EXPECT_EQ(Strict(EncodeBody(body)).status(), absl::OkStatus());
  body.sequence = 1;
  body.correlation_id.clear();
  EXPECT_EQ(Strict(EncodeBody(body)).status(), absl::OkStatus());
  body.payload = std::string(kMaxBodyBytes, 'p');
  EXPECT_EQ(CheckBody(body), absl::OkStatus());
  body.payload.push_back('p');
  EXPECT_EQ(ReasonOf(CheckBody(body)), Reason::kMsgTooLarge);
}

TEST(EnvelopeBodyTest, LeavesUnknownFieldsToTheReadersStrictness) {
  for (const std::string& unknown : {NumberField(10, 1), BytesField(99, "x")}) {
    const std::string bytes = EncodeBody(BodyValue()) + unknown;
    EXPECT_EQ(ReasonOf(Strict(bytes).status()), Reason::kMsgMalformed);
    const auto ignored = DecodeBody(bytes, Strictness::kIgnoreUnknown);
    ASSERT_TRUE(ignored.ok()) << ignored.status();
    EXPECT_EQ(*ignored, BodyValue());
  }
}

TEST(EnvelopeBodyTest, RefusesASecondPayloadFromEverybody) {
  const std::string bytes = EncodeBody(BodyValue()) + BytesField(9, "other");
  for (const auto strictness : {Strictness::kRefuseUnknown, Strictness::kIgnoreUnknown}) {
    EXPECT_EQ(ReasonOf(DecodeBody(bytes, strictness).status()), Reason::kMsgMalformed);
  }
}

TEST(EnvelopeBodyTest, RefusesNamesThatAreNotUtf8AsNames) {
  const std::string bytes = BytesField(5, BytesField(2, "tenant-\xff"));
  const auto status = Strict(bytes).status();
  EXPECT_EQ(ReasonOf(status), Reason::kNameInvalid);
  EXPECT_EQ(MetadataOf(status)["field"], "audience.namespace");
}

// Computed with another implementation (Python's hashlib) from the text of the header.
TEST(ContentDigestTest, HasTheDocumentedValue) {
  Body body = BodyValue();
  body.payload = "payload";
  EXPECT_EQ(crypto::DigestHex(ContentDigest(body)),
            "7ec9daefe6da4fe57cafeb8a93a08ea8011228ac06d2ffd07c46847e5d9a7b5a");
}

TEST(ContentDigestTest, DependsOnTypeAudienceAndPayloadAlone) {
  const auto digest_with = [](auto change) {
    Body body = BodyValue();
    change(body);
    return ContentDigest(body);
  };
  const auto digest = ContentDigest(BodyValue());
  EXPECT_EQ(digest_with([](Body& b) {
              b.event_id = "another";
              b.timestamp += absl::Seconds(1);
              b.signed_at += absl::Seconds(1);
              b.sequence += 1;
              b.leaf_fingerprint = {};
              b.correlation_id = "another";
            }),
            digest);
  EXPECT_NE(digest_with([](Body& b) { b.type = EventType::kNodeTombstone; }), digest);
  EXPECT_NE(digest_with([](Body& b) { b.audience = AudienceOf("demo2", "tenant-a"); }), digest);
  EXPECT_NE(digest_with([](Body& b) { b.audience = AudienceOf("demo", "tenant-b"); }), digest);
  EXPECT_NE(digest_with([](Body& b) { b.audience = AudienceOf("demot", "enant-a"); }), digest);
  EXPECT_NE(digest_with([](Body& b) { b.payload += "x"; }), digest);
}

}  // namespace
}  // namespace omninode::envelope
