#include "common/base/names.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsLowerOrDigit(char c) { return IsLower(c) || (c >= '0' && c <= '9'); }

// The grammar of the header, read letter by letter.
bool Expected(std::string_view text, std::size_t max, std::string_view inner, bool letter_first,
              bool plain_last) {
  if (text.empty() || text.size() > max) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool edge = i == 0 || (plain_last && i + 1 == text.size());
    if (i == 0 && letter_first && !IsLower(text[i])) return false;
    if (IsLowerOrDigit(text[i])) continue;
    if (edge || inner.find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

// Texts that are often a name and often just not one.
std::string NearName(std::size_t max) {
  const auto letter =
      rc::gen::weightedOneOf<char>({{12, rc::gen::elementOf(std::string("abcxyz019"))},
                                    {3, rc::gen::elementOf(std::string("-._"))},
                                    {1, rc::gen::elementOf(std::string("AZ /\\\xc3\x7f\n@:"))}});
  const auto size = *rc::gen::inRange<std::size_t>(0, max + 3);
  return *rc::gen::container<std::string>(size, letter);
}

RC_GTEST_PROP(Names, AcceptExactlyTheGrammarOfALabel, ()) {
  const std::string text = NearName(*rc::gen::element<std::size_t>(3, 63));
  const bool expected = Expected(text, 63, "-", false, true);
  RC_CLASSIFY(expected);
  RC_ASSERT(NetworkId::Parse(text).ok() == expected);
  RC_ASSERT(NamespaceName::Parse(text).ok() == expected);
  RC_ASSERT(NodeType::Parse(text).ok() == expected);
}

RC_GTEST_PROP(Names, AcceptExactlyTheGrammarOfANodeId, ()) {
  const std::string text = NearName(*rc::gen::element<std::size_t>(3, 128));
  RC_ASSERT(NodeId::Parse(text).ok() == Expected(text, 128, "._-", false, true));
}

RC_GTEST_PROP(Names, AcceptExactlyTheGrammarOfAnAttribute, ()) {
  const std::string text = NearName(*rc::gen::element<std::size_t>(3, 63));
  RC_ASSERT(AttributeName::Parse(text).ok() == Expected(text, 63, "_.-", true, false));
}

RC_GTEST_PROP(Names, KeepWhatTheyWereParsedFrom, ()) {
  const std::string text = NearName(8);
  const auto name = NodeId::Parse(text);
  RC_PRE(name.ok());
  RC_ASSERT(name->value() == text);
}

TEST(Names, EndAtTheirBound) {
  EXPECT_TRUE(NamespaceName::Parse(std::string(63, 'a')).ok());
  EXPECT_FALSE(NamespaceName::Parse(std::string(64, 'a')).ok());
  EXPECT_TRUE(NodeId::Parse(std::string(128, 'a')).ok());
  EXPECT_FALSE(NodeId::Parse(std::string(129, 'a')).ok());
  EXPECT_TRUE(AttributeName::Parse(std::string(63, 'a')).ok());
  EXPECT_FALSE(AttributeName::Parse(std::string(64, 'a')).ok());
  EXPECT_TRUE(NodeType::Parse("a").ok());
  EXPECT_FALSE(NodeType::Parse("").ok());
}

TEST(Names, RefuseWithAReasonAndAnExcerptThatIsSafeToPrint) {
  const absl::Status status = NamespaceName::Parse("Evil\n'\x1b" + std::string(200, 'A')).status();
  EXPECT_EQ(ReasonOf(status), Reason::kNameInvalid);
  EXPECT_THAT(Message(status), testing::StartsWith("namespace 'Evil\\x0a\\x27\\x1b"));
  EXPECT_LT(Message(status).size(), 250U);
}

TEST(Names, RefuseAByteOfZero) { EXPECT_FALSE(NodeId::Parse(std::string_view("a\0b", 3)).ok()); }

TEST(Names, CompareAndHashByValue) {
  const NodeId a = *NodeId::Parse("a");
  const NodeId b = *NodeId::Parse("b");
  EXPECT_LT(a, b);
  EXPECT_EQ(a, *NodeId::Parse("a"));
  const std::unordered_set<NodeId> set = {a, b, a};
  EXPECT_EQ(set.size(), 2U);
}

}  // namespace
}  // namespace omninode
