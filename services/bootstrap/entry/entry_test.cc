#include "services/bootstrap/entry/entry.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

const identity::TrustDomain kDomain = identity::TrustDomain::Parse("example.org").value();

Entry::Fields Valid() {
  return {.id = "e1",
          .pattern = SpiffePattern::Parse("spiffe://example.org/node/*/*", kDomain).value(),
          .svid_ttl = absl::Hours(1),
          .dns_names = {"localhost"},
          .created_at = absl::FromUnixSeconds(1'800'000'000)};
}

absl::Status WithTtl(absl::Duration ttl, absl::Duration min = kDefaultMinSvidTtl) {
  Entry::Fields fields = Valid();
  fields.svid_ttl = ttl;
  return Entry::Create(fields, min).status();
}
absl::Status WithDns(std::vector<std::string> names) {
  Entry::Fields fields = Valid();
  fields.dns_names = std::move(names);
  return Entry::Create(fields, kDefaultMinSvidTtl).status();
}
std::vector<std::string> Names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("host-{}", i));
  return names;
}

TEST(EntryTest, KeepsItsFields) {
  const Entry entry = Entry::Create(Valid(), kDefaultMinSvidTtl).value();
  EXPECT_EQ(entry.id(), "e1");
  EXPECT_EQ(entry.pattern().ToString(), "spiffe://example.org/node/*/*");
  EXPECT_EQ(entry.svid_ttl(), absl::Hours(1));
  EXPECT_EQ(entry.dns_names(), std::vector<std::string>{"localhost"});
  EXPECT_EQ(entry.created_at(), absl::FromUnixSeconds(1'800'000'000));
}

TEST(EntryTest, BoundsTheLife) {
  EXPECT_TRUE(WithTtl(kDefaultMinSvidTtl).ok());
  EXPECT_EQ(ReasonOf(WithTtl(kDefaultMinSvidTtl - absl::Seconds(1))), Reason::kArgumentInvalid);
  EXPECT_TRUE(WithTtl(kMaxSvidTtl).ok());
  EXPECT_EQ(ReasonOf(WithTtl(kMaxSvidTtl + absl::Seconds(1))), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(WithTtl(-absl::Hours(1))), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(WithTtl(absl::InfiniteDuration())), Reason::kArgumentInvalid);
}

TEST(EntryTest, AllowsShortLivesWhereTheServiceDoes) {
  EXPECT_TRUE(WithTtl(kShortestSvidTtl, kShortestSvidTtl).ok());
  EXPECT_FALSE(WithTtl(absl::Seconds(4), kShortestSvidTtl).ok());
}

TEST(EntryTest, RefusesFractionsOfASecond) {
  // Certificates know seconds only.
  EXPECT_EQ(ReasonOf(WithTtl(absl::Milliseconds(90'500))), Reason::kArgumentInvalid);
}

TEST(EntryTest, BoundsTheDnsNames) {
  EXPECT_TRUE(WithDns({}).ok());
  EXPECT_TRUE(WithDns(Names(Entry::kMaxDnsNames)).ok());
  EXPECT_EQ(ReasonOf(WithDns(Names(Entry::kMaxDnsNames + 1))), Reason::kArgumentInvalid);
}

TEST(EntryTest, RefusesBadAndDoubleDnsNames) {
  EXPECT_EQ(ReasonOf(WithDns({"ok.example", "*.example"})), Reason::kArgumentInvalid);
  EXPECT_EQ(ReasonOf(WithDns({"a.example", "b.example", "a.example"})), Reason::kArgumentInvalid);
}

TEST(EntryTest, ComparesRulesWithoutIdAndTime) {
  const Entry entry = Entry::Create(Valid(), kDefaultMinSvidTtl).value();
  Entry::Fields fields = Valid();
  fields.id = "e2";
  fields.created_at += absl::Hours(1);
  EXPECT_TRUE(entry.SameRuleAs(Entry::Create(fields, kDefaultMinSvidTtl).value()));
  fields.dns_names = {};
  EXPECT_FALSE(entry.SameRuleAs(Entry::Create(fields, kDefaultMinSvidTtl).value()));
  fields = Valid();
  fields.svid_ttl = absl::Hours(2);
  EXPECT_FALSE(entry.SameRuleAs(Entry::Create(fields, kDefaultMinSvidTtl).value()));
}

}  // namespace
}  // namespace omninode::bootstrap
