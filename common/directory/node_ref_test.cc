#include "common/directory/node_ref.h"

#include <unordered_set>

#include <gtest/gtest.h>

#include "common/directory/test_nodes.h"

namespace omninode::directory {
namespace {

using testing::Id;
using testing::Ns;

TEST(NodeRefTest, OrdersByNamespaceThenId) {
  EXPECT_LT((NodeRef{Ns("a"), Id("z")}), (NodeRef{Ns("b"), Id("a")}));
  EXPECT_LT((NodeRef{Ns("a"), Id("a")}), (NodeRef{Ns("a"), Id("b")}));
}

TEST(NodeRefTest, TellsTheSameIdOfTwoNamespacesApart) {
  const std::unordered_set<NodeRef> refs = {
      {Ns("a"), Id("n")}, {Ns("b"), Id("n")}, {Ns("a"), Id("n")}};
  EXPECT_EQ(refs.size(), 2u);
}

TEST(NodeRefTest, SwappedNamesHashDifferently) {
  const std::hash<NodeRef> hash;
  EXPECT_NE(hash({Ns("a"), Id("b")}), hash({Ns("b"), Id("a")}));
  EXPECT_NE(hash({Ns("a"), Id("a")}), hash({Ns("b"), Id("b")}));
}

}  // namespace
}  // namespace omninode::directory
