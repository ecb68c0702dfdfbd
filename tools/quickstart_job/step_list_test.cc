#include "tools/quickstart_job/step_list.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "common/base/status.h"

namespace omninode::quickstart {
namespace {

// What RunSteps prints.
class Output final {
 public:
  Output() : file_(::open_memstream(&text_, &size_)) {}
  ~Output() {
    std::fclose(file_);
    std::free(text_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return text_;
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

Step Ok(std::string name) {
  return {std::move(name), [] { return absl::OkStatus(); }};
}

TEST(StepListTest, CountsTheStepsThatAreOk) {
  Output output;
  const StepReport report = RunSteps({Ok("a"), Ok("b")}, {.all = 2, .out = output.file()});
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.LastLine(), "quickstart: 2 of 2 steps ok");
  EXPECT_NE(output.text().find("[ 1/2] a ...."), std::string::npos) << output.text();
  EXPECT_NE(output.text().find("[ 2/2] b ...."), std::string::npos) << output.text();
}

TEST(StepListTest, StopsAtTheFirstFailureNamesItAndExplains) {
  Output output;
  bool reached = false;
  const StepReport report = RunSteps(
      {Ok("a"),
       {"registry ready", [] { return Error(absl::StatusCode::kUnavailable, "port in use"); }},
       {"c",
        [&] {
          reached = true;
          return absl::OkStatus();
        }}},
      {.all = 3, .explain = [] { return std::string("the log"); }, .out = output.file()});
  EXPECT_FALSE(report.passed());
  EXPECT_FALSE(reached);
  EXPECT_EQ(report.LastLine(), "quickstart: 1 of 3 steps ok");
  EXPECT_NE(output.text().find("step \"registry ready\" failed: port in use"), std::string::npos);
  EXPECT_NE(output.text().find("the log"), std::string::npos);
}

TEST(StepListTest, GoesOnWhereAnEarlierListEnded) {
  Output output;
  const StepReport report = RunSteps({Ok("c")}, {.first = 3, .all = 3, .out = output.file()});
  EXPECT_TRUE(report.passed());
  EXPECT_NE(output.text().find("[ 3/3] c"), std::string::npos);
}

TEST(StepListTest, EndsBetweenStepsWhenInterrupted) {
  Output output;
  int asked = 0;
  const StepReport report =
      RunSteps({Ok("a"), Ok("b")},
               {.all = 2, .interrupted = [&] { return ++asked == 2; }, .out = output.file()});
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.ok, 1u);
}

TEST(StepLineTest, LinesUpAndShowsTheTime) {
  const std::string short_name = StepLine(3, 14, "x", true, absl::Milliseconds(420));
  const std::string long_name = StepLine(12, 14, "a longer name", false, absl::Seconds(12));
  EXPECT_EQ(short_name.size(), long_name.size());
  EXPECT_TRUE(short_name.ends_with("ok       0.42 s")) << short_name;
  EXPECT_TRUE(long_name.ends_with("FAILED  12.00 s")) << long_name;
}

}  // namespace
}  // namespace omninode::quickstart
