#include "common/enrollment/token_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/identity/testing/test_authority.h"

namespace omninode::enrollment {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TokenFile Sample() {
  static const identity::TestAuthority authority("example.org");
  return {.attestor_address = "attestor.example:8443",
          .bundle = authority.bundle(),
          .token_id = "t-1",
          .token = std::string(32, '\x07'),
          .spiffe_id = "spiffe://example.org/node/worker/w1",
          .expires_at = "2030-01-01T00:00:00Z"};
}

nlohmann::json Json() { return nlohmann::json::parse(Sample().ToJson()); }

TEST(TokenFileTest, WhatIsWrittenIsReadAgain) {
  const auto token = TokenFile::Parse(Sample().ToJson());
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->attestor_address, Sample().attestor_address);
  EXPECT_EQ(token->bundle.digest(), Sample().bundle.digest());
  EXPECT_EQ(token->token_id, Sample().token_id);
  EXPECT_EQ(token->token, Sample().token);
  EXPECT_EQ(token->spiffe_id, Sample().spiffe_id);
  EXPECT_EQ(token->expires_at, Sample().expires_at);
}

TEST(TokenFileTest, WhatIsForPeopleMayBeMissingOrOdd) {
  auto json = Json();
  json.erase("spiffe_id");
  json["expires_at"] = 5;
  const auto token = TokenFile::Parse(json.dump());
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->spiffe_id, "");
  EXPECT_EQ(token->expires_at, "");
}

TEST(TokenFileTest, NamesWhatIsMissingOrWrong) {
  for (const char* key : {"attestor", "trust_domain", "bundle", "token_id", "token"}) {
    auto missing = Json();
    missing.erase(key);
    EXPECT_THAT(std::string(Message(TokenFile::Parse(missing.dump()).status())), HasSubstr(key));
    auto wrong = Json();
    wrong[key] = 5;
    EXPECT_EQ(ReasonOf(TokenFile::Parse(wrong.dump()).status()), Reason::kArgumentInvalid) << key;
  }
  EXPECT_EQ(ReasonOf(TokenFile::Parse("[]").status()), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(TokenFile::Parse("{").status()), Reason::kArgumentInvalid);
}

TEST(TokenFileTest, ATokenHasThirtyTwoBytesAndIsNeverRepeatedInAMessage) {
  for (const std::size_t size : {31u, 33u}) {
    auto json = Json();
    const std::string encoded = Base64Encode(std::string(size, '\x55'));
    json["token"] = encoded;
    const absl::Status status = TokenFile::Parse(json.dump()).status();
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
    EXPECT_THAT(std::string(Message(status)), Not(HasSubstr(encoded.substr(0, 8))));
  }
}

RC_GTEST_PROP(TokenFileProperty, AnyTextIsATokenOrAnError, (const std::string& text)) {
  RC_ASSERT(!TokenFile::Parse(text).ok());
}

}  // namespace
}  // namespace omninode::enrollment
