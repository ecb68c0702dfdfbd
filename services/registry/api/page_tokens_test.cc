#include "services/registry/api/page_tokens.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kAlice = "spiffe://example.org/admin/alice";
constexpr std::string_view kBob = "spiffe://example.org/admin/bob";

class PageTokensTest : public ::testing::Test {
 protected:
  static PageTokens::Scope Scope(std::string_view principal = kAlice,
                                 std::string_view method = "ListNodes",
                                 const std::string& request = "tenant-a") {
    return {principal, method, request};
  }
  std::optional<Reason> Refusal(const PageTokens::Scope& scope, std::string_view token) const {
    return ReasonOf(tokens_.Open(scope, token).status());
  }

  const PageTokens tokens_{"0123456789abcdef0123456789abcdef"};
};

TEST_F(PageTokensTest, GivesTheCursorBack) {
  for (const std::string& cursor :
       {std::string("worker-17"), std::string("\0\xff binary", 9), std::string()}) {
    EXPECT_EQ(*tokens_.Open(Scope(), tokens_.Seal(Scope(), cursor)), cursor);
  }
}

TEST_F(PageTokensTest, NoTokenIsTheFirstPage) { EXPECT_EQ(*tokens_.Open(Scope(), ""), ""); }

TEST_F(PageTokensTest, IsGoodForOnePrincipalMethodAndRequest) {
  const std::string token = tokens_.Seal(Scope(), "worker-17");
  EXPECT_EQ(Refusal(Scope(kBob), token), Reason::kPageTokenInvalid);
  EXPECT_EQ(Refusal(Scope(kAlice, "ListTombstones"), token), Reason::kPageTokenInvalid);
  EXPECT_EQ(Refusal(Scope(kAlice, "ListNodes", "tenant-b"), token), Reason::kPageTokenInvalid);
}

// Where one part ends and the next begins is part of what is sealed.
TEST_F(PageTokensTest, PartsCannotBeShifted) {
  const std::string token = tokens_.Seal(Scope(kAlice, "List", "Nodes"), "x");
  EXPECT_EQ(Refusal(Scope(kAlice, "ListN", "odes"), token), Reason::kPageTokenInvalid);
}

TEST_F(PageTokensTest, AnotherShardsTokenIsForged) {
  const PageTokens other("another secret");
  EXPECT_EQ(Refusal(Scope(), other.Seal(Scope(), "x")), Reason::kPageTokenInvalid);
}

TEST_F(PageTokensTest, EveryChangedByteIsNoticed) {
  const std::string bytes = *Base64Decode(tokens_.Seal(Scope(), "worker-17"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string forged = bytes;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_EQ(Refusal(Scope(), Base64Encode(forged)), Reason::kPageTokenInvalid) << i;
  }
}

TEST_F(PageTokensTest, GarbageAndTooShortAreRefused) {
  for (const std::string& token : {std::string("not base64!"), Base64Encode("short"),
                                   Base64Encode(std::string(16, 'x')), std::string(1, '\0')}) {
    EXPECT_EQ(Refusal(Scope(), token), Reason::kPageTokenInvalid);
  }
}

// 1024 bytes of base64 hold 768: 16 of MAC and 752 of cursor.
TEST_F(PageTokensTest, ATokenHasABound) {
  const std::string longest = tokens_.Seal(Scope(), std::string(752, 'x'));
  ASSERT_EQ(longest.size(), 1024u);
  EXPECT_TRUE(tokens_.Open(Scope(), longest).ok());
  EXPECT_EQ(Refusal(Scope(), tokens_.Seal(Scope(), std::string(753, 'x'))),
            Reason::kPageTokenInvalid);
}

TEST_F(PageTokensTest, PageSizesAreClamped) {
  EXPECT_EQ(PageSize(0), kDefaultPageSize);
  EXPECT_EQ(PageSize(1), 1u);
  EXPECT_EQ(PageSize(kMaxPageSize), kMaxPageSize);
  EXPECT_EQ(PageSize(kMaxPageSize + 1), kMaxPageSize);
  EXPECT_EQ(PageSize(0x7fffffff), kMaxPageSize);  // T27
}

}  // namespace
}  // namespace omninode::registry
