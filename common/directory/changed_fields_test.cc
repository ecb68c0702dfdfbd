#include "common/directory/changed_fields.h"

#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using ::testing::ElementsAre;
using testing::FieldsOf;
using testing::Node;

TEST(ChangedFieldsTest, ListsNamesInEnumOrder) {
  ChangedFields fields = {ChangedField::kEvidence, ChangedField::kEndpoints};
  EXPECT_THAT(fields.Names(), ElementsAre("endpoints", "evidence"));
  fields.Remove(ChangedField::kEndpoints);
  EXPECT_FALSE(fields.Contains(ChangedField::kEndpoints));
  EXPECT_EQ(fields, ChangedFields{ChangedField::kEvidence});
  EXPECT_TRUE(ChangedFields().empty());
}

TEST(ChangedFieldsTest, EveryNameParsesBack) {
  EXPECT_THAT(ChangedFields::All().Names(),
              ElementsAre("endpoints", "capabilities", "labels", "epoch", "health",
                          "software_version", "ttl", "evidence", "node_type"));
  for (const ChangedField field : kAllChangedFields) {
    EXPECT_EQ(ParseChangedField(NameOf(field)), field);
  }
  EXPECT_EQ(ParseChangedField("version"), std::nullopt);
}

TEST(ChangedFieldsTest, BitsTravelAndUnknownOnesAreRefused) {
  const auto all = ChangedFields::All();
  EXPECT_EQ(ChangedFields::FromBits(all.bits()), all);
  EXPECT_EQ(ChangedFields::FromBits(0), ChangedFields());
  EXPECT_EQ(ChangedFields::FromBits(static_cast<std::uint16_t>(all.bits() + 1)), std::nullopt);
}

TEST(ChangedFieldsTest, UnitesSets) {
  EXPECT_EQ((ChangedFields{ChangedField::kLabels} | ChangedFields{ChangedField::kTtl}),
            (ChangedFields{ChangedField::kTtl, ChangedField::kLabels}));
}

struct Difference {
  ChangedField field;
  std::function<void(Introspection::Fields&)> change;
};

TEST(ComputeChangedFieldsTest, FindsEachDifferenceAlone) {
  const std::vector<Difference> differences = {
      {ChangedField::kEndpoints, [](auto& f) { f.endpoints[0].second = "grpcs://10.0.0.8:1"; }},
      {ChangedField::kCapabilities, [](auto& f) { f.capabilities.clear(); }},
      {ChangedField::kLabels, [](auto& f) { f.labels[0].second = "eu-2"; }},
      {ChangedField::kEpoch, [](auto& f) { f.epoch = "green"; }},
      {ChangedField::kHealth, [](auto& f) { f.health = Health::kDegraded; }},
      {ChangedField::kVersion, [](auto& f) { f.version = "1.0.1"; }},
      {ChangedField::kNodeType, [](auto& f) { f.node_type = "router"; }},
  };
  const auto before = Node("w1", 1);
  for (const auto& [field, change] : differences) {
    auto fields = FieldsOf("w1");
    change(fields);
    EXPECT_EQ(ComputeChangedFields(*before, *Node(fields, 2)), ChangedFields{field})
        << NameOf(field);
  }
  NodeView longer = *before;
  longer.lease_ttl = absl::Seconds(90);
  EXPECT_EQ(ComputeChangedFields(*before, longer), ChangedFields{ChangedField::kTtl});
}

TEST(ComputeChangedFieldsTest, IgnoresWhatConsumersDoNotActOn) {
  const auto before = Node("w1", 1);
  NodeView after = *before;
  after.version = 9;
  after.actor = "someone else";
  after.registered_at += absl::Seconds(5);
  EXPECT_TRUE(ComputeChangedFields(*before, after).empty());
}

}  // namespace
}  // namespace omninode::directory
