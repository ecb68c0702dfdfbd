#include "common/envelope/join_proof.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::envelope {
namespace {

const std::string& Challenge() {
  static const std::string kChallenge = [] {
    std::string bytes;
    for (char c = 0; c < 32; ++c) bytes.push_back(c);
    return bytes;
  }();
  return kChallenge;
}

const identity::TrustDomain& Domain(const std::string& name) {
  static std::map<std::string, identity::TrustDomain> domains;
  return domains.emplace(name, identity::TrustDomain::Parse(name).value()).first->second;
}

JoinProofFields Fields() {
  return {.token_id = "tok-1",
          .csr_der = "csr",
          .trust_domain = Domain("example.org"),
          .challenge = Challenge()};
}

// Computed with another implementation (Python's hashlib) from the text of
// attestation_service.proto.
TEST(JoinProofTest, HasTheDocumentedForm) {
  const auto message = JoinProofMessage(Fields());
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(HexEncode(*message),
            "6f6d6e696e6f64652d6a6f696e2d7631"
            "0005746f6b2d31"
            "c27338c453067b437471afbce792704d816112c6031bb996b62c698ea599ef80"
            "000b6578616d706c652e6f7267"
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
}

TEST(JoinProofTest, DiffersWhenAnyPartDiffers) {
  const std::string other_challenge(kJoinChallengeBytes, 'c');
  const auto& domain = Domain("example.org");
  std::set<std::string> messages = {*JoinProofMessage(Fields())};
  for (const JoinProofFields& other :
       {JoinProofFields{"tok-2", "csr", domain, Challenge()},
        JoinProofFields{"tok-1", "csr2", domain, Challenge()},
        JoinProofFields{"tok-1", "csr", Domain("example.net"), Challenge()},
        JoinProofFields{"tok-1", "csr", domain, other_challenge}}) {
    EXPECT_TRUE(messages.insert(*JoinProofMessage(other)).second);
  }
}

TEST(JoinProofTest, BoundsTheTokenId) {
  const auto status_of = [](std::size_t size) {
    const std::string token_id(size, 't');
    return JoinProofMessage({token_id, "csr", Domain("example.org"), Challenge()}).status();
  };
  EXPECT_EQ(status_of(1), absl::OkStatus());
  EXPECT_EQ(status_of(kMaxTokenIdBytes), absl::OkStatus());
  for (const std::size_t size : {std::size_t{0}, kMaxTokenIdBytes + 1}) {
    EXPECT_EQ(ReasonOf(status_of(size)), Reason::kArgumentInvalid);
    EXPECT_EQ(MetadataOf(status_of(size))["field"], "token_id");
  }
}

TEST(JoinProofTest, RefusesAnotherLengthOfTheChallenge) {
  for (const std::size_t size : {kJoinChallengeBytes - 1, kJoinChallengeBytes + 1}) {
    const std::string challenge(size, 'c');
    const auto status =
        JoinProofMessage({"tok-1", "csr", Domain("example.org"), challenge}).status();
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
    EXPECT_EQ(MetadataOf(status)["field"], "challenge");
  }
}

}  // namespace
}  // namespace omninode::envelope
