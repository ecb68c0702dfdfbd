#include "services/bootstrap/entry/entry_table.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

using identity::SpiffeId;
using identity::TrustDomain;

const TrustDomain kDomain = TrustDomain::Parse("example.org").value();

SpiffeId Id(std::string_view path) { return SpiffeId::FromParts(kDomain, path).value(); }

Entry MakeEntry(std::string id, std::string_view path) {
  return Entry::Create(
             {.id = std::move(id),
              .pattern = SpiffePattern::Parse(kDomain.ToId().append(path), kDomain).value(),
              .svid_ttl = absl::Hours(1),
              .dns_names = {},
              .created_at = absl::UnixEpoch()},
             kShortestSvidTtl)
      .value();
}

std::string MatchOf(const EntryTable& table, std::string_view path) {
  const Entry* entry = table.Match(Id(path));
  return entry == nullptr ? "" : entry->id();
}

std::vector<Entry> Many(std::size_t count) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    entries.push_back(MakeEntry(fmt::format("e{:05}", i), fmt::format("/node/cache/c{}", i)));
  }
  return entries;
}

TEST(EntryTableTest, LetsTheLongestLiteralPrefixWin) {
  const EntryTable table =
      EntryTable::Create({MakeEntry("all", "/node/*/*"), MakeEntry("type", "/node/cache/*"),
                          MakeEntry("name", "/node/*/c1"), MakeEntry("one", "/node/cache/c9")})
          .value();
  EXPECT_EQ(MatchOf(table, "/node/cache/c9"), "one");
  EXPECT_EQ(MatchOf(table, "/node/cache/c1"), "type");
  EXPECT_EQ(MatchOf(table, "/node/db/c1"), "name");
  EXPECT_EQ(MatchOf(table, "/node/db/c2"), "all");
}

TEST(EntryTableTest, BreaksTiesByLiteralSegmentsThenById) {
  const EntryTable table =
      EntryTable::Create({MakeEntry("b", "/ns/*/node/*/c1"), MakeEntry("a", "/ns/*/node/cache/*"),
                          MakeEntry("z", "/ns/*/node/db/c1")})
          .value();
  EXPECT_EQ(MatchOf(table, "/ns/t/node/cache/c1"), "a");
  EXPECT_EQ(MatchOf(table, "/ns/t/node/db/c1"), "z");
}

TEST(EntryTableTest, FindsNothingForStrangersAndServices) {
  const EntryTable table =
      EntryTable::Create({MakeEntry("all", "/node/*/*"), MakeEntry("agents", "/agent/*")}).value();
  EXPECT_EQ(MatchOf(table, "/service/registry/registry-1"), "");
  EXPECT_EQ(MatchOf(table, "/ns/t/node/cache/c1"), "");
  EXPECT_EQ(MatchOf(table, "/agent/host-1"), "agents");
  EXPECT_EQ(table.Match(SpiffeId::Parse("spiffe://example.com/node/a/b").value()), nullptr);
}

TEST(EntryTableTest, RefusesASecondEntryOfOnePatternOrId) {
  EXPECT_EQ(
      ReasonOf(
          EntryTable::Create({MakeEntry("a", "/node/*/*"), MakeEntry("b", "/node/*/*")}).status()),
      Reason::kEntryExists);
  EXPECT_EQ(
      ReasonOf(
          EntryTable::Create({MakeEntry("a", "/node/*/*"), MakeEntry("a", "/agent/*")}).status()),
      Reason::kEntryExists);
}

TEST(EntryTableTest, IsBounded) {
  const auto full = EntryTable::Create(Many(EntryTable::kMaxEntries));
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(ReasonOf(full->With(MakeEntry("more", "/agent/*")).status()), Reason::kArgumentInvalid);
  // Replacing needs no room.
  EXPECT_TRUE(full->With(MakeEntry("e00000", "/agent/*")).ok());
  EXPECT_EQ(ReasonOf(EntryTable::Create(Many(EntryTable::kMaxEntries + 1)).status()),
            Reason::kArgumentInvalid);
}

TEST(EntryTableTest, ChangesMakeANewTable) {
  const EntryTable one = EntryTable::Create({MakeEntry("a", "/node/*/*")}).value();
  const EntryTable two = one.With(MakeEntry("b", "/agent/*")).value();
  EXPECT_EQ(one.size(), 1u);
  EXPECT_EQ(two.size(), 2u);
  const EntryTable replaced = two.With(MakeEntry("a", "/node/cache/*")).value();
  EXPECT_EQ(MatchOf(replaced, "/node/db/d1"), "");
  EXPECT_EQ(MatchOf(replaced, "/node/cache/c1"), "a");
  const EntryTable removed = two.Without("a");
  EXPECT_EQ(MatchOf(removed, "/node/db/d1"), "");
  EXPECT_EQ(MatchOf(removed, "/agent/h"), "b");
  EXPECT_EQ(removed.Find("a"), nullptr);
  EXPECT_EQ(removed.Without("nobody").size(), 1u);
}

TEST(EntryTableTest, FindsByIdAndPattern) {
  const EntryTable table = EntryTable::Create({MakeEntry("a", "/node/*/*")}).value();
  EXPECT_EQ(table.Find("a")->id(), "a");
  EXPECT_EQ(table.Find("b"), nullptr);
  EXPECT_EQ(table.FindPattern(MakeEntry("x", "/node/*/*").pattern())->id(), "a");
  EXPECT_EQ(table.FindPattern(MakeEntry("x", "/agent/*").pattern()), nullptr);
}

TEST(EntryTableTest, PagesById) {
  const EntryTable table = EntryTable::Create(Many(5)).value();
  EXPECT_EQ(table.Page("", 2).size(), 2u);
  EXPECT_EQ(table.Page("e00001", 2).front().id(), "e00002");
  EXPECT_EQ(table.Page("e00003", 2).size(), 1u);
  EXPECT_TRUE(table.Page("e00004", 2).empty());
}

// The look-up by pattern texts and the plain search over all entries find the same winner.
TEST(EntryTableProperty, MatchAgreesWithASearchOverAllEntries) {
  const auto segment = rc::gen::element<std::string>("*", "a", "b");
  const bool passed = rc::check([&] {
    std::vector<Entry> entries;
    EntryTable table;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
      const std::string path = *rc::gen::arbitrary<bool>()
                                   ? fmt::format("/node/{}/{}", *segment, *segment)
                                   : fmt::format("/ns/{}/node/{}/{}", *segment, *segment, *segment);
      const Entry entry = MakeEntry(fmt::format("e{:02}", 99 - i), path);
      const auto with = table.With(entry);
      if (!with.ok()) continue;
      table = *with;
      entries.push_back(entry);
    }
    const auto name = rc::gen::element<std::string>("a", "b", "c");
    const SpiffeId id = *rc::gen::arbitrary<bool>()
                            ? Id(fmt::format("/node/{}/{}", *name, *name))
                            : Id(fmt::format("/ns/{}/node/{}/{}", *name, *name, *name));
    const Entry* expected = nullptr;
    const auto rank = [](const Entry& e) {
      return std::make_tuple(e.pattern().literal_prefix(), e.pattern().literals());
    };
    for (const Entry& entry : entries) {
      if (!entry.pattern().Matches(id)) continue;
      if (expected == nullptr || rank(entry) > rank(*expected) ||
          (rank(entry) == rank(*expected) && entry.id() < expected->id())) {
        expected = &entry;
      }
    }
    const Entry* actual = table.Match(id);
    RC_ASSERT((actual == nullptr) == (expected == nullptr));
    if (actual != nullptr) RC_ASSERT(actual->id() == expected->id());
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace omninode::bootstrap
