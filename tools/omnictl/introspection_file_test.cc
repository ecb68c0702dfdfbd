#include "tools/omnictl/introspection_file.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kYaml = R"(# a worker
type: worker
id: w1
namespace: tenant-a
version: 1.4.2
endpoints: {grpc: "grpcs://10.0.0.7:8443"}
capabilities:
  max_jobs: 40
labels:
  zone: eu-1
  rack.row: "7"
epoch: blue
health: degraded
ttl: 30s
)";

constexpr std::string_view kJson = R"({
  "type": "worker", "id": "w1", "namespace": "tenant-a", "version": "1.4.2",
  "endpoints": {"grpc": "grpcs://10.0.0.7:8443"}, "capabilities": {"max_jobs": 40},
  "labels": {"zone": "eu-1", "rack.row": "7"}, "epoch": "blue", "health": "degraded", "ttl": "30s"
})";

// Arguments of `node run` with what is not in `given` empty.
Args RunArgs(Args::Values given) {
  for (const char* key : {"introspection", "type", "id", "namespace", "node-version", "epoch",
                          "endpoint", "capability", "label", "ttl"}) {
    given.try_emplace(key);
  }
  return Args(std::move(given));
}

TEST(IntrospectionFileTest, ReadsYamlAndJsonAlike) {
  for (const std::string_view text : {kYaml, kJson}) {
    const auto fields = ParseIntrospectionFile(text, "w1");
    ASSERT_TRUE(fields.ok()) << fields.status();
    EXPECT_EQ(fields->node_type, "worker");
    EXPECT_EQ(fields->node_id, "w1");
    EXPECT_EQ(fields->ns, "tenant-a");
    EXPECT_EQ(fields->version, "1.4.2");
    EXPECT_THAT(fields->endpoints, ElementsAre(Pair("grpc", "grpcs://10.0.0.7:8443")));
    EXPECT_THAT(fields->capabilities, ElementsAre(Pair("max_jobs", "40")));
    EXPECT_THAT(fields->labels, UnorderedElementsAre(Pair("zone", "eu-1"), Pair("rack.row", "7")));
    EXPECT_EQ(fields->epoch, "blue");
    EXPECT_EQ(fields->health, directory::Health::kDegraded);
    EXPECT_EQ(fields->requested_ttl, absl::Seconds(30));
  }
}

TEST(IntrospectionFileTest, ReadsTheExampleOfItsPageWhichNamesEveryKeyAndBound) {
  std::ostringstream read;
  read << std::ifstream(OMNINODE_SOURCE_DIR "/docs/reference/introspection-file.md").rdbuf();
  const std::string page = read.str();
  const std::string fence = "```yaml\n";
  const std::size_t begin = page.find(fence);
  ASSERT_NE(begin, std::string::npos);
  const std::string example = page.substr(
      begin + fence.size(), page.find("```", begin + fence.size()) - begin - fence.size());
  auto fields = ParseIntrospectionFile(example, "page");
  ASSERT_TRUE(fields.ok()) << fields.status();
  const auto node = directory::Introspection::Create(*std::move(fields));
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->node_id().value(), "w1");
  EXPECT_EQ(node->requested_ttl(), absl::Seconds(30));
  // The example has every key, and so has the table.
  const auto unknown = ParseIntrospectionFile("nonsense: 1\n", "page").status();
  const std::string keys(Message(unknown).substr(Message(unknown).rfind("there is type")));
  EXPECT_EQ(std::count(keys.begin(), keys.end(), ','), 9) << keys;
  for (const char* key : {"type", "id", "namespace", "version", "endpoints", "capabilities",
                          "labels", "epoch", "health", "ttl"}) {
    EXPECT_THAT(keys, HasSubstr(key));
    EXPECT_THAT(example, HasSubstr(fmt::format("{}:", key)));
    EXPECT_THAT(page, HasSubstr(fmt::format("| `{}` |", key)));
  }
  using I = directory::Introspection;
  for (const std::string& bound :
       {fmt::format("at most {} bytes of printable ASCII", I::kMaxVersionBytes),
        fmt::format("at most {}; URL: at most {} bytes", I::kMaxEndpoints,
                    directory::Endpoint::kMaxUrlBytes),
        fmt::format("at most {}; value: at most {} bytes", I::kMaxLabels,
                    directory::Label::kMaxValueBytes),
        "at most " + absl::FormatDuration(I::kMaxRequestedTtl)}) {
    EXPECT_THAT(page, HasSubstr(bound));
  }
}

TEST(IntrospectionFileTest, RefusesWhatItDoesNotKnowNamingTheLine) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"type: a\nshoe_size: 43\n", "f.yaml:2: there is no 'shoe_size'"},
      {"type: a\nttl: soon\n", "f.yaml:2: ttl must be"},
      {"type: a\nttl: 0s\n", "f.yaml:2: ttl must be"},
      {"health: splendid\n", "f.yaml:1: health must be"},
      {"type: [a, b]\n", "f.yaml:1: type must be one value"},
      {"endpoints: grpc\n", "f.yaml:1: there is no 'endpoints'"},
      {"- a\n- b\n", "f.yaml:1"},
      {"type: \x1b[2J: x", "f.yaml:1"}};
  for (const auto& [text, says] : bad) {
    const auto fields = ParseIntrospectionFile(text, "f.yaml");
    ASSERT_FALSE(fields.ok()) << text;
    EXPECT_EQ(ReasonOf(fields.status()), Reason::kArgumentInvalid);
    EXPECT_THAT(std::string(Message(fields.status())), HasSubstr(says));
  }
}

TEST(IntrospectionFileTest, LetsFlagsOverrideTheFile) {
  const config::TestFolder folder;
  const Args args = RunArgs({{"introspection", {folder.Write("w1.yaml", kYaml)}},
                             {"id", {"w2"}},
                             {"node-version", {"2.0.0"}},
                             {"label", {"zone=us-2", "extra=1"}},
                             {"ttl", {"10s"}}});
  const auto node = DescribeNode(args);
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->node_id().value(), "w2");
  EXPECT_EQ(node->version(), "2.0.0");
  EXPECT_EQ(node->epoch(), "blue");
  EXPECT_EQ(node->requested_ttl(), absl::Seconds(10));
  std::map<std::string, std::string> labels;
  for (const auto& label : node->labels()) labels[label.name().value()] = label.value();
  EXPECT_THAT(labels, UnorderedElementsAre(Pair("zone", "us-2"), Pair("extra", "1"),
                                           Pair("rack.row", "7")));
}

TEST(IntrospectionFileTest, DescribesANodeByFlagsAlone) {
  const auto node = DescribeNode(RunArgs({{"type", {"worker"}}, {"id", {"w1"}}}));
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(node->ns().value(), "default");
  EXPECT_EQ(node->requested_ttl(), absl::ZeroDuration());
}

TEST(IntrospectionFileTest, NeedsToKnowWhichNode) {
  const auto node = DescribeNode(RunArgs({{"type", {"worker"}}}));
  EXPECT_THAT(std::string(Message(node.status())), HasSubstr("--type and --id"));
}

TEST(IntrospectionFileTest, ReadsTheFileAnewEachTime) {
  const config::TestFolder folder;
  const Args args = RunArgs({{"introspection", {folder.Write("w1.yaml", kYaml)}}});
  EXPECT_EQ(DescribeNode(args)->epoch(), "blue");
  folder.Write("w1.yaml", "type: worker\nid: w1\nepoch: green\n");
  EXPECT_EQ(DescribeNode(args)->epoch(), "green");
}

TEST(IntrospectionFileTest, SaysThatTheFileIsMissing) {
  const auto node = DescribeNode(RunArgs({{"introspection", {"no/such/file"}}}));
  EXPECT_TRUE(absl::IsNotFound(node.status())) << node.status();
}

TEST(IntrospectionFileTest, RefusesTwoFlagsOfOneName) {
  const auto node = DescribeNode(
      RunArgs({{"type", {"worker"}}, {"id", {"w1"}}, {"label", {"zone=a", "zone=b"}}}));
  EXPECT_EQ(ReasonOf(node.status()), Reason::kArgumentInvalid);
}

}  // namespace
}  // namespace omninode::omnictl
