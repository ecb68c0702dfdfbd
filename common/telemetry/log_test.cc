#include "common/telemetry/log.h"

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/telemetry/capturing_sink.h"

namespace omninode::telemetry {
namespace {

using nlohmann::json;
using testing::SizeIs;

constexpr auto kStart = 1'800'000'000'123;

class LoggerTest : public testing::Test {
 protected:
  // The only line so far; it must be one object of printable ASCII.
  json OnlyLine() {
    const auto lines = sink_.lines();
    EXPECT_THAT(lines, SizeIs(1));
    for (const char c : lines.at(0)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << lines.at(0);
    return json::parse(lines.at(0));
  }

  CapturingSink sink_;
  Logger logger_{"registry", sink_, [] { return absl::FromUnixMillis(kStart); }};
};

TEST_F(LoggerTest, WritesTimeLevelServiceAndEventFirst) {
  logger_.Info("ready");
  EXPECT_EQ(sink_.lines().at(0),
            R"({"ts":"2027-01-15T08:00:00.123Z","level":"info","service":"registry",)"
            R"("event":"ready"})");
}

TEST_F(LoggerTest, WritesFieldsOfEveryTypeInOrder) {
  const std::string node = "n1";
  logger_.Info("beat", {{"node_id", node},
                        {"what", "text"},
                        {"negative", -3},
                        {"big", std::numeric_limits<std::uint64_t>::max()},
                        {"ratio", 0.5},
                        {"ok", true}});
  EXPECT_THAT(sink_.lines().at(0),
              testing::HasSubstr(R"("node_id":"n1","what":"text","negative":-3,)"
                                 R"("big":18446744073709551615,"ratio":0.5,"ok":true})"));
}

TEST_F(LoggerTest, WritesNumbersThatJsonLacksAsText) {
  logger_.Info("x", {{"nan", std::numeric_limits<double>::quiet_NaN()},
                     {"inf", std::numeric_limits<double>::infinity()}});
  EXPECT_EQ(OnlyLine()["nan"], "nan");
  EXPECT_EQ(sink_.lines().size(), 1u);
}

// T53.
TEST_F(LoggerTest, KeepsAnEventOnOneLineWhateverANameHolds) {
  const std::string name =
      "evil\",\"level\":\"debug\"}\r\n{\"event\":\"ready\"}\x1b[2J\xc2\x9b\xff\xe2\x80\xae";
  logger_.Warning("join_refused", {{"node_id", name}});
  const json line = OnlyLine();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "join_refused");
  EXPECT_EQ(line.size(), 5u);
}

TEST_F(LoggerTest, EscapesKeysAndEventsToo) {
  logger_.Info("a\nb", {{"k\"\n", "v"}});
  const json line = OnlyLine();
  EXPECT_EQ(line["event"], "a\nb");
  EXPECT_EQ(line["k\"\n"], "v");
}

TEST_F(LoggerTest, RenamesAFieldThatWouldDoubleAKeyOfTheLine) {
  logger_.Info("x", {{"level", "forged"}, {"ts", "forged"}});
  const json line = OnlyLine();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["field_level"], "forged");
  EXPECT_EQ(line["field_ts"], "forged");
}

TEST_F(LoggerTest, CutsStringsAtTheBound) {
  logger_.Info("x", {{"fits", std::string(kMaxLogStringBytes, 'a')},
                     {"cut", std::string(kMaxLogStringBytes + 1, 'a')}});
  const json line = OnlyLine();
  EXPECT_EQ(line["fits"], std::string(kMaxLogStringBytes, 'a'));
  EXPECT_EQ(line["cut"], std::string(kMaxLogStringBytes, 'a') + "...");
}

TEST_F(LoggerTest, CountsFieldsBeyondTheBound) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i <= kMaxLogFields; ++i) keys.push_back("k" + std::to_string(i));
  std::vector<Field> fields;
  for (const std::string& key : keys) fields.emplace_back(key, 1);

  logger_.Log(LogLevel::kInfo, "fits", std::span(fields).first(kMaxLogFields));
  EXPECT_FALSE(OnlyLine().contains("fields_dropped"));
  sink_.Clear();
  logger_.Log(LogLevel::kInfo, "too_many", fields);
  EXPECT_EQ(OnlyLine()["fields_dropped"], 1);
  EXPECT_FALSE(OnlyLine().contains(keys.back()));
}

TEST_F(LoggerTest, LeavesOutLevelsBelowTheThresholdThatCanChange) {
  logger_.Debug("hidden");
  EXPECT_FALSE(logger_.Enabled(LogLevel::kDebug));
  logger_.SetLevel(LogLevel::kDebug);
  logger_.Debug("shown");
  logger_.SetLevel(LogLevel::kError);
  logger_.Warning("hidden");
  logger_.Error("shown_too");
  ASSERT_THAT(sink_.lines(), SizeIs(2));
  EXPECT_TRUE(sink_.Contains("\"shown\""));
  EXPECT_TRUE(sink_.Contains("\"shown_too\""));
}

TEST_F(LoggerTest, WrapsLinesOfOtherLibraries) {
  logger_.Foreign(LogLevel::kError, "grpc", "chttp2.cc:42", "bad\nframe");
  const json line = OnlyLine();
  EXPECT_EQ(line["event"], "library_log");
  EXPECT_EQ(line["library"], "grpc");
  EXPECT_EQ(line["origin"], "chttp2.cc:42");
  EXPECT_EQ(line["message"], "bad\nframe");
}

TEST_F(LoggerTest, TakesEventsFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) logger_.Info("x", {{"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = sink_.lines();
  EXPECT_THAT(lines, SizeIs(kThreads * kEach));
  for (const auto& line : lines) EXPECT_TRUE(json::accept(line));
}

TEST(LogLevelNames, ReadBackAndRefuseOthers) {
  for (const auto level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    EXPECT_EQ(ParseLogLevel(NameOf(level)), level);
  }
  EXPECT_EQ(ParseLogLevel("INFO"), std::nullopt);
  EXPECT_EQ(ParseLogLevel(""), std::nullopt);
}

}  // namespace
}  // namespace omninode::telemetry
