#include "tools/omnictl/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace omninode::omnictl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Rows TwoColumns(std::vector<Row> rows) {
  return {.items = "things",
          .columns = {{"id", "ID"},
                      {"note", "NOTE"},
                      {"far", "FAR", Shown::kWide},
                      {"raw", "RAW", Shown::kJson}},
          .rows = std::move(rows)};
}

Row MakeRow(std::string id, Cell note) { return {id, {id, std::move(note), "far away", Cell()}}; }

std::string Table(const Rows& rows) { return Render(rows, Format::kTable, {}); }

// Whatever a service says, these must not get through.
void ExpectHarmless(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    EXPECT_TRUE(byte == '\n' || (byte >= 0x20 && byte != 0x7f)) << "byte " << int{byte};
  }
}

TEST(RendererTest, AlignsColumnsToTheWidestText) {
  EXPECT_EQ(Table(TwoColumns({MakeRow("a", "x"), MakeRow("long-name", "y")})),
            "ID         NOTE\n"
            "a          x\n"
            "long-name  y\n");
}

TEST(RendererTest, ShowsOnlyTheHeaderOfAnEmptyList) {
  EXPECT_EQ(Table(TwoColumns({})), "ID  NOTE\n");
}

TEST(RendererTest, ShowsADashForNothingAndForAnEmptyText) {
  EXPECT_EQ(Table(TwoColumns({MakeRow("a", Cell()), MakeRow("b", "")})),
            "ID  NOTE\na   -\nb   -\n");
}

TEST(RendererTest, ShowsMoreColumnsWhenWide) {
  const Rows rows = TwoColumns({MakeRow("a", "x")});
  EXPECT_THAT(Render(rows, Format::kWide, {}), HasSubstr("FAR"));
  EXPECT_THAT(Table(rows), Not(HasSubstr("FAR")));
  EXPECT_THAT(Render(rows, Format::kWide, {}), Not(HasSubstr("RAW")));
}

TEST(RendererTest, AlignsByWhatATerminalShows) {
  // Two wide characters take four columns; an e with a combining accent takes one.
  const std::string table = Table(
      TwoColumns({MakeRow("\u6771\u4eac", "x"), MakeRow("e\u0301", "y"), MakeRow("abcd", "z")}));
  EXPECT_EQ(table, "ID    NOTE\n\u6771\u4eac  x\ne\u0301     y\nabcd  z\n");
}

TEST(RendererTest, CountsWidths) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("\u00fc"), 1u);
  EXPECT_EQ(DisplayWidth("\u6771"), 2u);
  EXPECT_EQ(DisplayWidth("\U0001f600"), 2u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
}

TEST(RendererTest, LetsNoControlCharacterReachTheTerminal) {
  const std::vector<std::string> hostile = {"\x1b[2J\x1b]0;owned\x07",
                                            "line\nbreak",
                                            "tab\tand\rreturn",
                                            std::string("nul\0byte", 8),
                                            "\x9b"
                                            "31m",
                                            "\xff\xfe",
                                            "del\x7f",
                                            "c1 \u009b31m"};
  for (const std::string& text : hostile) {
    Rows rows = TwoColumns({{text, {text, Texts{text}, Pairs{{text, text}}, text}}});
    rows.facts = {{"fact", text}};
    for (const Format format : {Format::kTable, Format::kWide, Format::kJson, Format::kName}) {
      const std::string shown = Render(rows, format, {});
      ExpectHarmless(shown);
      EXPECT_THAT(shown, Not(HasSubstr("\u009b")));
    }
    EXPECT_EQ(std::ranges::count(Table(rows), '\n'), 3);
    rows.shape = Shape::kRecord;
    ExpectHarmless(Table(rows));
    StreamRenderer stream(rows.columns, Format::kTable, {});
    ExpectHarmless(stream.Render(rows.rows.front()));
  }
}

TEST(RendererTest, ShowsWhatHasNoPlaceOnALine) {
  for (const std::string_view text : {"\u202eevil", "zero\u200bwidth", "\u2028"}) {
    EXPECT_THAT(SafeText(text), HasSubstr("\\x"));
  }
  EXPECT_EQ(SafeText("Z\u00fcrich \u6771\u4eac"), "Z\u00fcrich \u6771\u4eac");
}

TEST(RendererTest, WritesJsonThatOthersCanRead) {
  Rows rows = TwoColumns(
      {{"a", {"a", Texts{"x", "y"}, Pairs{{"zone", "eu-1"}}, RawJson{"{\n  \"k\": 1\n}"}}},
       {"b", {"b", Cell(), true, std::uint64_t{18446744073709551615u}}}});
  rows.facts = {{"position", "1:42"}, {"count", std::uint64_t{2}}};
  const auto json = nlohmann::json::parse(Render(rows, Format::kJson, {}), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["position"], "1:42");
  EXPECT_EQ(json["count"], 2);
  EXPECT_EQ(json["things"].size(), 2u);
  EXPECT_EQ(json["things"][0]["note"], (nlohmann::json{"x", "y"}));
  EXPECT_EQ(json["things"][0]["far"]["zone"], "eu-1");
  EXPECT_EQ(json["things"][0]["raw"]["k"], 1);
  EXPECT_TRUE(json["things"][1]["note"].is_null());
  EXPECT_EQ(json["things"][1]["far"], true);
  EXPECT_EQ(json["things"][1]["raw"], 18446744073709551615u);
}

TEST(RendererTest, WritesAnEmptyListAndARecordAsJson) {
  EXPECT_EQ(Render(TwoColumns({}), Format::kJson, {}), "{\n  \"things\": []\n}\n");
  Rows record = TwoColumns({MakeRow("a", "x")});
  record.shape = Shape::kRecord;
  const auto json = nlohmann::json::parse(Render(record, Format::kJson, {}), nullptr, false);
  EXPECT_EQ(json["id"], "a");
}

TEST(RendererTest, PrintsNamesOnly) {
  EXPECT_EQ(Render(TwoColumns({MakeRow("a", "x"), MakeRow("b", "y")}), Format::kName, {}),
            "a\nb\n");
}

TEST(RendererTest, ShowsARecordAsLines) {
  Rows record = TwoColumns({MakeRow("a", "x")});
  record.shape = Shape::kRecord;
  EXPECT_EQ(Table(record), "ID    a\nNOTE  x\nFAR   far away\n");
}

TEST(RendererTest, StylesOnlyTheHeaderAndOnlyWhenAsked) {
  const Rows rows = TwoColumns({MakeRow("a", "x")});
  EXPECT_EQ(Render(rows, Format::kTable, {.bold_header = true}), "\x1b[1mID  NOTE\x1b[0m\na   x\n");
  EXPECT_THAT(Render(rows, Format::kJson, {.bold_header = true}), Not(HasSubstr("\x1b")));
}

TEST(RendererTest, StreamsRowsWithOneHeader) {
  StreamRenderer stream({{"event", "EVENT", Shown::kAlways, 8}, {"id", "ID"}}, Format::kTable, {});
  EXPECT_EQ(stream.Render({"a", {"added", "a"}}), "EVENT     ID\nadded     a\n");
  EXPECT_EQ(stream.Render({"b", {"very-long-event", "b"}}), "very-long-event  b\n");
}

TEST(RendererTest, StreamsOneJsonObjectPerLine) {
  StreamRenderer stream({{"event", "EVENT"}, {"raw", "RAW", Shown::kJson}}, Format::kJson, {});
  EXPECT_EQ(stream.Render({"a", {"added", RawJson{"{\n  \"k\": \"a  b\"\n}\n"}}}),
            "{\"event\": \"added\", \"raw\": {\"k\": \"a  b\"}}\n");
}

TEST(RendererTest, KnowsItsFormats) {
  EXPECT_EQ(ParseFormat("table"), Format::kTable);
  EXPECT_EQ(ParseFormat("wide"), Format::kWide);
  EXPECT_EQ(ParseFormat("json"), Format::kJson);
  EXPECT_EQ(ParseFormat("name"), Format::kName);
  EXPECT_EQ(ParseFormat("yaml"), std::nullopt);
}

TEST(RendererTest, ShowsDurationsToPeopleInWholeSecondsAndToProgramsExactly) {
  EXPECT_EQ(DurationForPeople(absl::Seconds(251) + absl::Milliseconds(467)), "4m11s");
  EXPECT_EQ(DurationForPeople(absl::Microseconds(467'999)), "467ms");
  EXPECT_EQ(DurationForPeople(absl::Microseconds(12)), "12us");
  EXPECT_EQ(DurationForPeople(absl::Hours(1)), "1h");
  EXPECT_EQ(DurationForPeople(absl::ZeroDuration()), "0");
  const Rows rows{.shape = Shape::kRecord,
                  .columns = {{"uptime", "UPTIME"}},
                  .rows = {{"w1", {absl::Milliseconds(1467)}}}};
  EXPECT_THAT(Render(rows, Format::kTable, {}), ::testing::HasSubstr("UPTIME  1s\n"));
  EXPECT_THAT(Render(rows, Format::kJson, {}), ::testing::HasSubstr("\"uptime\": \"1.467s\""));
}

}  // namespace
}  // namespace omninode::omnictl
