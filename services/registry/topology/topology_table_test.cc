#include "services/registry/topology/topology_table.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;
using testing::Goodbye;
using testing::Harness;
using testing::Registration;

const NamespaceName kTenant = *NamespaceName::Parse("tenant-a");

// A table that holds what the groups of commands made.
TopologyTable TableAfter(std::vector<std::vector<Command>> groups) {
  Harness harness;
  harness.Run({Creation("tenant-a")});
  for (auto& group : groups) harness.Run(std::move(group));
  return TopologyTable(std::move(harness.state));
}

TEST(TopologyTableTest, ReadersLearnWhatIsUnknown) {
  const TopologyTable table = TableAfter({});
  const NamespaceName nowhere = *NamespaceName::Parse("nowhere");
  EXPECT_EQ(ReasonOf(table.GetNamespace(nowhere).status()), Reason::kNamespaceUnknown);
  EXPECT_EQ(ReasonOf(table.TakeSnapshot(nowhere).status()), Reason::kNamespaceUnknown);
  EXPECT_EQ(ReasonOf(table.FindNode({nowhere, *NodeId::Parse("a")}).status()),
            Reason::kNamespaceUnknown);
  EXPECT_EQ(ReasonOf(table.FindNode({kTenant, *NodeId::Parse("a")}).status()),
            Reason::kNodeUnknown);
}

TEST(TopologyTableTest, ANodeComesWithThePositionOfTheNamespace) {
  const TopologyTable table =
      TableAfter({{Registration({.id = "a"})}, {Registration({.id = "b"})}});
  const auto found = table.FindNode({kTenant, *NodeId::Parse("a")});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->node->view->version, 1u);
  EXPECT_EQ(found->position.version, 2u);
}

TEST(TopologyTableTest, PagesOfRemovalsAreNewestFirstAndComplete) {
  std::vector<std::vector<Command>> groups;
  std::vector<Command> all;
  for (const char* id : {"a", "b", "c", "d", "e"}) all.push_back(Registration({.id = id}));
  groups.push_back(std::move(all));
  groups.push_back({Goodbye({.id = "a", .sequence = 2}), Goodbye({.id = "b", .sequence = 2}),
                    Goodbye({.id = "c", .sequence = 2})});
  groups.push_back({Goodbye({.id = "e", .sequence = 2}), Goodbye({.id = "d", .sequence = 2})});
  const TopologyTable table = TableAfter(std::move(groups));

  std::vector<std::string> seen;
  std::optional<TombstoneCursor> cursor;
  while (true) {
    const auto page = table.ListTombstones(kTenant, std::nullopt, cursor, 2);
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    for (const DepartedPtr& departed : *page) seen.push_back(departed->tombstone.node.id.value());
    cursor = TombstoneCursor{page->back()->tombstone.removed_at, page->back()->tombstone.node.id};
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"e", "d", "c", "b", "a"}));
  const auto one = table.ListTombstones(kTenant, *NodeId::Parse("b"), std::nullopt, 10);
  ASSERT_EQ(one->size(), 1u);
}

}  // namespace
}  // namespace omninode::registry
