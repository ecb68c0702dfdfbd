#include "tools/testbed/flat_json.h"

#include <gtest/gtest.h>

namespace omninode::testbed {
namespace {

TEST(FlatJsonTest, KeepsStringsAndWritesTheRestAsJson) {
  const auto object = ParseFlatJson(R"({"a":"x\"y","n":7,"b":true,"o":{"k":1}})");
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(ValueOf(*object, "a"), "x\"y");
  EXPECT_EQ(ValueOf(*object, "n"), "7");
  EXPECT_EQ(ValueOf(*object, "b"), "true");
  EXPECT_EQ(ValueOf(*object, "o"), R"({"k":1})");
  EXPECT_EQ(ValueOf(*object, "missing"), "");
}

TEST(FlatJsonTest, RefusesWhatIsNoObject) {
  for (const char* text : {"", "[1]", "7", "{", R"({"a":1} x)"}) {
    EXPECT_FALSE(ParseFlatJson(text).ok()) << text;
  }
}

TEST(FlatJsonTest, ReadsTheLinesThatAreObjectsAndSkipsTheOthers) {
  const auto objects = ParseJsonLines("{\"event\":\"a\"}\n\nAborted\n{\"event\":\"b\"}\n{\"eve");
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(ValueOf(objects[0], "event"), "a");
  EXPECT_EQ(ValueOf(objects[1], "event"), "b");
}

}  // namespace
}  // namespace omninode::testbed
