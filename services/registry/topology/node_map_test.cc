#include "services/registry/topology/node_map.h"

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

NodePtr MakeNode(int number, const std::string& capability = "1") {
  auto node = std::make_shared<Node>();
  node->view = std::make_shared<directory::NodeView>(
      directory::NodeView{.introspection = testing::IntrospectionOf(
                              {.id = "n" + std::to_string(number), .capability = capability})});
  return node;
}
NodeId Id(int number) { return *NodeId::Parse("n" + std::to_string(number)); }

TEST(NodeMapTest, FindsReplacesAndErases) {
  NodeMap map;
  EXPECT_EQ(map.Find(Id(1)), nullptr);
  map.Put(MakeNode(1, "old"));
  map.Put(MakeNode(1, "new"));
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(map.Find(Id(1))->view->introspection.capabilities()[0].value(), "new");
  EXPECT_TRUE(map.Erase(Id(1)));
  EXPECT_FALSE(map.Erase(Id(1)));
  EXPECT_EQ(map.size(), 0u);
}

TEST(NodeMapTest, ASnapshotKeepsItsMoment) {
  NodeMap map;
  for (int i = 0; i < 5000; ++i) map.Put(MakeNode(i));
  const NodeMap::Snapshot before = map.TakeSnapshot();
  for (int i = 0; i < 5000; i += 2) map.Erase(Id(i));
  map.Put(MakeNode(9999));
  EXPECT_EQ(before.size(), 5000u);
  EXPECT_EQ(before.Sorted().size(), 5000u);
  EXPECT_NE(before.Find(Id(0)), nullptr);
  EXPECT_EQ(before.Find(Id(9999)), nullptr);
  EXPECT_EQ(map.TakeSnapshot().Sorted().size(), 2501u);
}

TEST(NodeMapTest, SortedIsInOrderOfId) {
  NodeMap map;
  for (int i = 0; i < 300; ++i) map.Put(MakeNode(i));
  const auto sorted = map.TakeSnapshot().Sorted();
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    EXPECT_LT(sorted[i - 1]->view->node_id(), sorted[i]->view->node_id());
  }
}

RC_GTEST_PROP(NodeMapProperty, BehavesLikeAMapAndSnapshotsDoNotMove,
              (const std::vector<std::pair<bool, std::uint8_t>>& steps)) {
  NodeMap map;
  std::map<NodeId, NodePtr> model;
  std::vector<std::pair<NodeMap::Snapshot, std::map<NodeId, NodePtr>>> snapshots;
  for (const auto& [put, number] : steps) {
    if (put) {
      const NodePtr node = MakeNode(number % 16);
      map.Put(node);
      model[node->view->node_id()] = node;
    } else {
      RC_ASSERT(map.Erase(Id(number % 16)) == (model.erase(Id(number % 16)) == 1));
    }
    snapshots.emplace_back(map.TakeSnapshot(), model);
  }
  for (const auto& [snapshot, expected] : snapshots) {
    const auto nodes = snapshot.Sorted();
    RC_ASSERT(nodes.size() == expected.size());
    std::size_t i = 0;
    for (const auto& [id, node] : expected) RC_ASSERT(nodes[i++] == node);
  }
}

}  // namespace
}  // namespace omninode::registry
