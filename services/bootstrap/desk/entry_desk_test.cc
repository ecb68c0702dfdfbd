#include "services/bootstrap/desk/entry_desk.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/bootstrap/desk/test_room.h"

namespace omninode::bootstrap {
namespace {

using sql::Fault;
using sql::FaultPoint;

class EntryDeskTest : public TestRoom {
 protected:
  std::string MatchOf(std::string_view path) const {
    const EntryTablePtr table = entries_->Table();
    const Entry* entry = table->Match(authority_.Id(path));
    return entry == nullptr ? "" : entry->id();
  }
};

TEST_F(EntryDeskTest, CreatesEntriesThatCountAtOnceAndAfterARestart) {
  const Entry entry = AddEntry("/node/*/*");
  EXPECT_EQ(entry.created_at(), Now());
  EXPECT_EQ(MatchOf("/node/cache/c1"), entry.id());
  Restart();
  EXPECT_EQ(MatchOf("/node/cache/c1"), entry.id());
  EXPECT_TRUE(entries_->GetEntry(entry.id())->SameRuleAs(entry));
}

TEST_F(EntryDeskTest, AnswersTheSameRuleWithTheEntryThatExists) {
  const Entry entry = AddEntry("/node/*/*");
  EXPECT_EQ(AddEntry("/node/*/*").id(), entry.id());
  EXPECT_EQ(
      ReasonOf(entries_->CreateEntry({Text("/node/*/*").c_str(), absl::Hours(2), {}}).status()),
      Reason::kEntryExists);
}

TEST_F(EntryDeskTest, RefusesBadEntries) {
  EXPECT_EQ(ReasonOf(entries_->CreateEntry({Text("/admin/root"), absl::Hours(1), {}}).status()),
            Reason::kSpiffeIdInvalid);
  EXPECT_EQ(
      ReasonOf(
          entries_->CreateEntry({"spiffe://example.org/node/*/*", absl::Seconds(5), {}}).status()),
      Reason::kArgumentInvalid);
}

TEST_F(EntryDeskTest, UpdatesWhatIsGivenOnly) {
  const Entry entry = AddEntry("/node/*/*");
  const Entry shorter = entries_->UpdateEntry(entry.id(), {absl::Minutes(5), {}}).value();
  EXPECT_EQ(shorter.svid_ttl(), absl::Minutes(5));
  EXPECT_EQ(shorter.dns_names(), entry.dns_names());
  const Entry renamed =
      entries_->UpdateEntry(entry.id(), {{}, std::vector<std::string>{"x.example"}}).value();
  EXPECT_EQ(renamed.svid_ttl(), absl::Minutes(5));
  EXPECT_THAT(renamed.dns_names(), testing::ElementsAre("x.example"));
  Restart();
  EXPECT_TRUE(entries_->GetEntry(entry.id())->SameRuleAs(renamed));
}

TEST_F(EntryDeskTest, SaysWhatIsNotThere) {
  EXPECT_EQ(ReasonOf(entries_->GetEntry("nobody").status()), Reason::kObjectUnknown);
  EXPECT_EQ(ReasonOf(entries_->UpdateEntry("nobody", {}).status()), Reason::kObjectUnknown);
  EXPECT_EQ(ReasonOf(entries_->DeleteEntry("nobody")), Reason::kObjectUnknown);
}

TEST_F(EntryDeskTest, DeletesForGood) {
  const Entry entry = AddEntry("/node/*/*");
  ASSERT_TRUE(entries_->DeleteEntry(entry.id()).ok());
  EXPECT_EQ(MatchOf("/node/cache/c1"), "");
  Restart();
  EXPECT_EQ(MatchOf("/node/cache/c1"), "");
}

TEST_F(EntryDeskTest, ListsEveryEntryOnce) {
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.insert(AddEntry(fmt::format("/node/t{}/*", i)).id());
  PageRequest request{.size = 2};
  std::set<std::string> seen;
  int pages = 0;
  do {
    const auto page = entries_->ListEntries(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->items.size(), 2u);
    for (const Entry& entry : page->items) EXPECT_TRUE(seen.insert(entry.id()).second);
    request.token = page->next_token;
    ++pages;
  } while (!request.token.empty());
  EXPECT_EQ(seen, ids);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ReasonOf(entries_->ListEntries({.token = "junk"}).status()), Reason::kPageTokenInvalid);
}

TEST_F(EntryDeskTest, AChangeThatFailedIsNotPublished) {
  faults_.Fail(FaultPoint::kCommit, Fault::kDiskFull);
  EXPECT_EQ(ReasonOf(entries_->CreateEntry({Text("/agent/h"), absl::Hours(1), {}}).status()),
            Reason::kStoreUnavailable);
  EXPECT_EQ(MatchOf("/agent/h"), "");
  EXPECT_TRUE(entries_->CreateEntry({Text("/agent/h"), absl::Hours(1), {}}).ok());
}

TEST_F(EntryDeskTest, AnUnknownOutcomeIsLookedUp) {
  faults_.Fail(FaultPoint::kCommitted, Fault::kIoError);
  const EntryDesk::EntrySpec spec{Text("/agent/h"), absl::Hours(1), {}};
  EXPECT_EQ(ReasonOf(entries_->CreateEntry(spec).status()), Reason::kStoreUnavailable);
  const std::string stored = MatchOf("/agent/h");
  EXPECT_NE(stored, "");
  EXPECT_EQ(entries_->CreateEntry(spec)->id(), stored);
}

TEST_F(EntryDeskTest, ChangesOfManyThreadsAllCount) {
  constexpr int kThreads = 8;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 5; ++round) AddEntry(fmt::format("/node/t{}/n{}", i, round));
      });
    }
  }
  EXPECT_EQ(entries_->Table()->size(), static_cast<std::size_t>(kThreads * 5));
  Restart();
  EXPECT_EQ(entries_->Table()->size(), static_cast<std::size_t>(kThreads * 5));
}

TEST_F(EntryDeskTest, MakesTokensForIdentitiesWithAnEntryOnly) {
  AddEntry("/node/*/*");
  const auto made = entries_->CreateJoinToken(Text("/node/cache/c1"), {}, "admin").value();
  EXPECT_EQ(made.token.expires_at, Now() + kDefaultTokenTtl);
  EXPECT_TRUE(store_->FindToken(made.token.id)->has_value());
  const auto reason = [&](std::string_view id, std::optional<absl::Duration> ttl = {}) {
    return ReasonOf(entries_->CreateJoinToken(id, ttl, "admin").status());
  };
  EXPECT_EQ(reason(Text("/agent/host-1")), Reason::kEntryMissing);
  EXPECT_EQ(reason(Text("/service/registry/registry-1")), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(reason("spiffe://example.com/node/a/b"), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(reason("junk"), Reason::kSpiffeIdInvalid);
  EXPECT_EQ(reason(Text("/node/cache/c1"), kMaxTokenTtl + absl::Seconds(1)),
            Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::bootstrap
