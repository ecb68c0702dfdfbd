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

TEST(LogExcerptTest, ShowsWhatIsAlarmingAndTheLastLine) {
  const std::string log =
      "{\"level\":\"error\",\"n\":1}\n"
      "{\"level\":\"info\",\"n\":2}\n"
      "terminate called\n"
      "{\"level\":\"warning\",\"n\":3}\n"
      "{\"level\":\"info\",\"n\":4}\n"
      "{\"level\":\"info\",\"n\":5}\n";
  EXPECT_EQ(LogExcerpt(log, 3),
            "terminate called\n"
            "{\"level\":\"warning\",\"n\":3}\n"
            "{\"level\":\"info\",\"n\":5}");
  EXPECT_EQ(LogExcerpt(log, 9).find("\"n\":2"), std::string::npos);
  EXPECT_EQ(LogExcerpt("", 3), "");
}

}  // namespace
}  // namespace omninode::testbed
