#include "common/envelope/display.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/open.h"
#include "common/envelope/test_envelopes.h"

namespace omninode::envelope {
namespace {

using nlohmann::json;
using testing::Sealed;
using testing::SvidOf;

class DisplayTest : public ::testing::Test {
 protected:
  // The shown envelope after `change`, as text.
  template <typename Change>
  std::string Shown(Change change) const {
    json shown = json::parse(*ToDisplay(envelope_));
    change(shown);
    return shown.dump();
  }
  template <typename Change>
  absl::Status ParseStatus(Change change) const {
    return ParseDisplay(Shown(change)).status();
  }

  const identity::X509Svid svid_ = SvidOf(crypto::KeyAlgorithm::kP256);
  const RawEnvelope envelope_ = Sealed(svid_);
};

TEST_F(DisplayTest, HasTheDocumentedShape) {
  const auto text = ToDisplay(envelope_);
  ASSERT_TRUE(text.ok()) << text.status();
  const json shown = json::parse(*text);
  EXPECT_EQ(shown["envelope_version"], "1.0");
  EXPECT_EQ(shown["event_id"], testing::kEventId);
  EXPECT_EQ(shown["event_type"], "NODE_INTROSPECTION");
  EXPECT_EQ(shown["timestamp"], "2027-01-15T07:59:59.000Z");
  EXPECT_EQ(shown["audience"], (json{{"network_id", "demo"}, {"namespace", "tenant-a"}}));
  EXPECT_EQ(shown["sequence"], 1'799'999'999'000'000);
  EXPECT_EQ(shown["correlation_id"], "deploy 17");
  const json& security = shown["security"];
  EXPECT_EQ(security["spiffe_id"], "spiffe://example.org/ns/tenant-a/node/worker/w1");
  EXPECT_EQ(security["svid_certificate"], svid_.chain_pem());
  EXPECT_EQ(security["signature"], Base64Encode(envelope_.signature));
  EXPECT_EQ(security["signature_algorithm"], "SHA256withECDSA");
  EXPECT_EQ(security["signed_at"], "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(shown["payload"]["node_id"], "w1");
  EXPECT_EQ(shown["payload"]["software_version"], "1.4.2");
  EXPECT_EQ(shown["payload"]["endpoints"][0]["url"], "grpcs://10.0.0.7:8443");
  EXPECT_EQ(shown["payload"]["health"], "HEALTH_DEGRADED");
  EXPECT_EQ(shown["payload"]["ttl"], "4.500s");
  EXPECT_EQ(shown["body"], Base64Encode(envelope_.body));
  EXPECT_TRUE(
      std::ranges::all_of(*text, [](char c) { return c == '\n' || (c >= ' ' && c < 127); }));
}

TEST_F(DisplayTest, ShowsTombstones) {
  SealInput input = testing::InputValue();
  input.type = EventType::kNodeTombstone;
  input.payload = EncodeTombstone(testing::TombstoneValue());
  const auto text = ToDisplay(*SealRaw(input, testing::kEventId, testing::kSignedAt, svid_));
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(json::parse(*text)["event_type"], "NODE_TOMBSTONE");
  EXPECT_EQ(json::parse(*text)["payload"]["reason_text"], "scaled down");
}

TEST_F(DisplayTest, ComesBackVerifiable) {
  for (const auto algorithm : {crypto::KeyAlgorithm::kP256, crypto::KeyAlgorithm::kEd25519,
                               crypto::KeyAlgorithm::kRsa2048}) {
    const auto svid = SvidOf(algorithm);
    const RawEnvelope envelope = Sealed(svid);
    const auto text = ToDisplay(envelope);
    ASSERT_TRUE(text.ok()) << text.status();
    const auto parsed = ParseDisplay(*text);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, envelope);
    EXPECT_EQ(VerifyAndDecode(*parsed, svid.leaf(), Strictness::kIgnoreUnknown).status(),
              absl::OkStatus());
    EXPECT_EQ(CheckDisplay(*text, *parsed), absl::OkStatus());
  }
}

TEST_F(DisplayTest, ComesBackWithoutCertificates) {
  RawEnvelope envelope = envelope_;
  envelope.certificates_der.clear();
  const auto parsed = ParseDisplay(*ToDisplay(envelope));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, envelope);
}

TEST_F(DisplayTest, DoesNotShowABodyThatCannotBeRead) {
  RawEnvelope envelope = envelope_;
  envelope.body = "\x0a\x7f";
  EXPECT_EQ(ReasonOf(ToDisplay(envelope).status()), Reason::kMsgMalformed);
}

TEST_F(DisplayTest, ParsesFromSecurityAndBodyAlone) {
  const auto parsed = ParseDisplay(Shown([](json& j) {
    for (const char* name : {"event_id", "event_type", "timestamp", "audience", "sequence",
                             "correlation_id", "payload"}) {
      j.erase(name);
    }
  }));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, envelope_);
}

TEST_F(DisplayTest, NamesTheMissingOrWrongPart) {
  const auto expect = [&](const std::string& field, Reason reason, auto spoil) {
    const auto status = ParseStatus(spoil);
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_EQ(MetadataOf(status)["field"], field) << status;
  };
  expect("envelope_version", Reason::kMsgMalformed, [](json& j) { j["envelope_version"] = "2.0"; });
  expect("security", Reason::kMsgMalformed, [](json& j) { j.erase("security"); });
  expect("security", Reason::kMsgMalformed, [](json& j) { j["security"] = {1}; });
  expect("body", Reason::kMsgMalformed, [](json& j) { j["body"] = "***"; });
  expect("body", Reason::kMsgMalformed, [](json& j) { j["body"] = 7; });
  expect("body", Reason::kMsgTooLarge,
         [](json& j) { j["body"] = Base64Encode(std::string(kMaxBodyBytes + 1, 'b')); });
  expect("security.spiffe_id", Reason::kMsgMalformed,
         [](json& j) { j["security"].erase("spiffe_id"); });
  expect("security.signature", Reason::kMsgMalformed,
         [](json& j) { j["security"]["signature"] = "a"; });
  expect("security.svid_certificate", Reason::kMsgMalformed,
         [](json& j) { j["security"]["svid_certificate"] = "none"; });
  for (const char* name : {"none", "HS256", "SHA1withRSA", "sha256withrsa", ""}) {
    expect("security.signature_algorithm", Reason::kAlgRejected,
           [&](json& j) { j["security"]["signature_algorithm"] = name; });
  }
}

TEST_F(DisplayTest, RefusesTextThatIsNotOneObject) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("7"), std::string("{"), std::string("{}}"),
        std::string(100'000, '['), std::string("\xff{}")}) {
    EXPECT_EQ(ReasonOf(ParseDisplay(text).status()), Reason::kMsgMalformed);
  }
}

TEST_F(DisplayTest, WithstandsDeepNesting) {
  std::string text = *ToDisplay(envelope_);
  text.insert(1, "\"deep\": " + std::string(100'000, '[') + std::string(100'000, ']') + ",");
  const auto parsed = ParseDisplay(text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(MetadataOf(CheckDisplay(text, *parsed))["field"], "deep");
}

TEST_F(DisplayTest, RefusesANameThatAppearsTwice) {
  std::string text = *ToDisplay(envelope_);
  text.insert(1, "\"body\": \"\",");
  EXPECT_EQ(ReasonOf(ParseDisplay(text).status()), Reason::kMsgMalformed);
  text = *ToDisplay(envelope_);
  text.insert(text.find("\"node_id\""), "\"node_id\": \"w9\",");
  EXPECT_EQ(ReasonOf(ParseDisplay(text).status()), Reason::kMsgMalformed) << "inside";
}

TEST_F(DisplayTest, BoundsTheText) {
  std::string text = *ToDisplay(envelope_);
  text.append(kMaxDisplayBytes - text.size(), ' ');
  EXPECT_EQ(ParseDisplay(text).status(), absl::OkStatus());
  text.push_back(' ');
  EXPECT_EQ(ReasonOf(ParseDisplay(text).status()), Reason::kMsgTooLarge);
}

// The signature is valid in all of these; what a person reads is not what was signed.
TEST_F(DisplayTest, FindsWhatWasNotSigned) {
  const auto difference = [&](auto change) {
    const std::string text = Shown(change);
    const auto parsed = ParseDisplay(text);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    const absl::Status status = CheckDisplay(text, *parsed);
    EXPECT_EQ(ReasonOf(status), Reason::kMsgMalformed) << status;
    return MetadataOf(status)["field"];
  };
  EXPECT_EQ(difference([](json& j) { j["payload"]["node_id"] = "w2"; }), "payload");
  EXPECT_EQ(difference([](json& j) { j["payload"]["extra"] = 1; }), "payload");
  EXPECT_EQ(difference([](json& j) { j["sequence"] = 1; }), "sequence");
  EXPECT_EQ(difference([](json& j) { j["audience"]["namespace"] = "tenant-b"; }), "audience");
  EXPECT_EQ(difference([](json& j) { j["security"]["signed_at"] = "now"; }), "security");
  EXPECT_EQ(difference([](json& j) { j["approved"] = true; }), "approved");
}

}  // namespace
}  // namespace omninode::envelope
