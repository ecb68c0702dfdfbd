#include "common/identity/spiffe_id.h"

#include <algorithm>
#include <unordered_set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::identity {
namespace {

std::optional<Reason> ParseReason(std::string_view text) {
  return ReasonOf(SpiffeId::Parse(text).status());
}

TEST(SpiffeIdTest, TakesWhatTheStandardAllows) {
  for (const std::string_view text :
       {"spiffe://td", "spiffe://td/a", "spiffe://trust-domain.example_1/a/b/c",
        "spiffe://td/A-Z.a-z_0-9", "spiffe://127.0.0.1/x", "spiffe://td/...", "spiffe://td/.a",
        "spiffe://td/a..b"}) {
    const auto id = SpiffeId::Parse(text);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(id->ToString(), text);
  }
}

TEST(SpiffeIdTest, GivesItsParts) {
  const SpiffeId id = SpiffeId::Parse("spiffe://td.example/ns/a/node/b/c").value();
  EXPECT_EQ(id.trust_domain().name(), "td.example");
  EXPECT_EQ(id.trust_domain().ToId(), "spiffe://td.example");
  EXPECT_EQ(id.path(), "/ns/a/node/b/c");
  EXPECT_EQ(id.segments(), (std::vector<std::string_view>{"ns", "a", "node", "b", "c"}));
  const SpiffeId bare = SpiffeId::Parse("spiffe://td").value();
  EXPECT_EQ(bare.path(), "");
  EXPECT_TRUE(bare.segments().empty());
}

TEST(SpiffeIdTest, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "td/a",
                                      "spiffe:",
                                      "spiffe:/td/a",
                                      "spiffe:///a",
                                      "spiffe://",
                                      "http://td/a",
                                      "SPIFFE://td/a",
                                      "Spiffe://td/a",
                                      " spiffe://td/a",
                                      "spiffe://td/a ",
                                      "spiffe://TD/a",
                                      "spiffe://Td/a",
                                      "spiffe://td:443/a",
                                      "spiffe://user@td/a",
                                      "spiffe://td/a?b=c",
                                      "spiffe://td?b",
                                      "spiffe://td/a#b",
                                      "spiffe://td#b",
                                      "spiffe://td/",
                                      "spiffe://td/a/",
                                      "spiffe://td//a",
                                      "spiffe://td/a//b",
                                      "spiffe://td/.",
                                      "spiffe://td/..",
                                      "spiffe://td/./a",
                                      "spiffe://td/a/../b",
                                      "spiffe://td/%61",
                                      "spiffe://t%64/a",
                                      "spiffe://td/a;b",
                                      "spiffe://td/a b",
                                      "spiffe://td/a\\b",
                                      "spiffe://td/\xc3\xa4",
                                      "spiffe://t\xc3\xa4/a",
                                      "spiffe://td/a\n",
                                      "spiffe://td/a*"}) {
    EXPECT_EQ(ParseReason(text), Reason::kSpiffeIdInvalid) << text;
  }
  EXPECT_EQ(ParseReason(std::string_view("spiffe://td/a\0b", 15)), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(ParseReason(std::string_view("spiffe://td\0/a", 14)), Reason::kSpiffeIdInvalid);
}

TEST(SpiffeIdTest, TheLengthIsBounded) {
  const std::string prefix = "spiffe://td/";
  const std::string at_bound = prefix + std::string(SpiffeId::kMaxBytes - prefix.size(), 'a');
  EXPECT_EQ(ParseReason(at_bound), std::nullopt);
  EXPECT_EQ(ParseReason(at_bound + "a"), Reason::kSpiffeIdInvalid);
}

TEST(SpiffeIdTest, TheTrustDomainIsBounded) {
  const std::string at_bound(TrustDomain::kMaxBytes, 'a');
  EXPECT_EQ(ParseReason("spiffe://" + at_bound + "/x"), std::nullopt);
  EXPECT_EQ(ParseReason("spiffe://" + at_bound + "a/x"), Reason::kSpiffeIdInvalid);
  EXPECT_TRUE(TrustDomain::Parse(at_bound).ok());
  EXPECT_EQ(ReasonOf(TrustDomain::Parse(at_bound + "a").status()), Reason::kSpiffeIdInvalid);
  EXPECT_FALSE(TrustDomain::Parse("").ok());
  EXPECT_FALSE(TrustDomain::Parse("a/b").ok());
  EXPECT_FALSE(TrustDomain::Parse("spiffe://a").ok());
}

TEST(SpiffeIdTest, FromPartsChecksThePath) {
  const TrustDomain td = TrustDomain::Parse("td").value();
  EXPECT_EQ(SpiffeId::FromParts(td, "/a/b")->ToString(), "spiffe://td/a/b");
  EXPECT_EQ(SpiffeId::FromParts(td, "")->ToString(), "spiffe://td");
  EXPECT_FALSE(SpiffeId::FromParts(td, "a").ok());
  EXPECT_FALSE(SpiffeId::FromParts(td, ".example/a").ok());
  EXPECT_FALSE(SpiffeId::FromParts(td, "/").ok());
}

TEST(SpiffeIdTest, ErrorsEscapeAndShortenWhatWasSent) {
  const auto id = SpiffeId::Parse("spiffe://td/\n" + std::string(2000, 'a'));
  const std::string message(id.status().message());
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_LT(message.size(), 300u);
}

TEST(SpiffeIdTest, ComparesAndHashesByText) {
  const SpiffeId a = SpiffeId::Parse("spiffe://td/a").value();
  const SpiffeId b = SpiffeId::Parse("spiffe://td/b").value();
  EXPECT_EQ(a, SpiffeId::Parse("spiffe://td/a").value());
  EXPECT_LT(a, b);
  EXPECT_NE(a, SpiffeId::Parse("spiffe://td/A").value());
  EXPECT_EQ((std::unordered_set<SpiffeId>{a, b, a}).size(), 2u);
}

// The rules said once more, as one would check them by eye.
bool IsValidByTheBook(const std::string& text) {
  const std::string scheme = "spiffe://";
  if (text.size() > 2048 || text.rfind(scheme, 0) != 0) return false;
  const std::vector<std::string_view> parts = Split(std::string_view(text).substr(9), '/');
  const auto all_in = [](std::string_view part, std::string_view set) {
    return part.find_first_not_of(set) == std::string_view::npos;
  };
  const std::string lower = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  const std::string any = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (parts[0].empty() || parts[0].size() > 255 || !all_in(parts[0], lower)) return false;
  return std::all_of(parts.begin() + 1, parts.end(), [&](std::string_view part) {
    return !part.empty() && part != "." && part != ".." && all_in(part, any);
  });
}

RC_GTEST_PROP(SpiffeIdProperty, ParsesExactlyWhatTheBookAllows, ()) {
  const auto character =
      rc::gen::weightedOneOf<char>({{12, rc::gen::element('a', 'Z', '0', '-', '_', '.')},
                                    {4, rc::gen::just('/')},
                                    {1, rc::gen::element(':', '%', '@', '?', '#', ' ', '\0')}});
  const auto length = *rc::gen::inRange<std::size_t>(0, 12);
  const auto text = *rc::gen::container<std::string>(length, character);
  const std::string candidate =
      *rc::gen::element<std::string>("spiffe://", "spiffe://td/", "spiffe://td/a/", "spiffe:/") +
      text;
  RC_CLASSIFY(IsValidByTheBook(candidate), "valid");
  RC_ASSERT(SpiffeId::Parse(candidate).ok() == IsValidByTheBook(candidate));
}

RC_GTEST_PROP(SpiffeIdProperty, PartsPutTogetherGiveTheSameId, ()) {
  const auto segment =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'B', '0', '-', '_')));
  const auto segments = *rc::gen::container<std::vector<std::string>>(segment);
  std::string text = "spiffe://td.example";
  for (const std::string& part : segments) text += "/" + part;
  RC_PRE(text.size() <= SpiffeId::kMaxBytes);
  const SpiffeId id = SpiffeId::Parse(text).value();
  RC_ASSERT(id.segments() == std::vector<std::string_view>(segments.begin(), segments.end()));
  RC_ASSERT(SpiffeId::FromParts(id.trust_domain(), id.path()).value() == id);
}

}  // namespace
}  // namespace omninode::identity
