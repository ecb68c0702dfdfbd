#include "tools/testbed/introspection_text.h"

#include <gtest/gtest.h>

#include "tools/omnictl/introspection_file.h"

namespace omninode::testbed {
namespace {

TEST(IntrospectionTextTest, IsReadBackByOmnictlAsItWas) {
  const auto node = directory::Introspection::Create(
      {.ns = "tenant-a",
       .node_type = "reducer",
       .node_id = "reducer-001",
       .version = "1.2",
       .endpoints = {{"grpc", "grpcs://127.0.0.1:7000"}},
       .capabilities = {{"aggregation_throughput", "\"quoted\": 1"}},
       .labels = {{"zone", "eu-1"}},
       .epoch = "blue",
       .requested_ttl = absl::Seconds(4)});
  ASSERT_TRUE(node.ok()) << node.status();
  const auto fields = omnictl::ParseIntrospectionFile(ToIntrospectionFile(*node), "node.json");
  ASSERT_TRUE(fields.ok()) << fields.status();
  const auto again = directory::Introspection::Create(*fields);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *node);
}

}  // namespace
}  // namespace omninode::testbed
