#include <iostream>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "tests/integration/rejections/row.h"
#include "tests/integration/rejections/runners.h"
#include "tests/integration/rejections/witness.h"
#include "tests/integration/rejections/world.h"
#include "tools/testbed/temporary_folder.h"

// One test for each row of rejections.yaml, named after it: Rejections/T1.signed_by_another_key.
namespace omninode::rejections {
namespace {

// The rows of the threat table that the product withstands today.
constexpr std::string_view kIds[] = {"T1",  "T2",  "T3",  "T4",  "T5",  "T8",  "T10", "T11", "T12",
                                     "T13", "T14", "T15", "T16", "T17", "T18", "T20", "T21", "T22",
                                     "T25", "T26", "T28", "T29", "T30", "T31", "T32", "T33", "T34",
                                     "T37", "T38", "T39", "T52", "T53", "T54", "T55"};

// The network, from the first row that runs until the last has run.
class Stage final : public testing::Environment {
 public:
  World* world() {
    if (world_ != nullptr || failed_) return world_.get();
    auto started = World::Start(folder_.path(), OMNINODE_BIN_DIR);
    failed_ = !started.ok();
    EXPECT_TRUE(started.ok()) << started.status();
    if (!failed_) world_ = *std::move(started);
    return world_.get();
  }

  void TearDown() override {
    if (world_ == nullptr) return;
    if (testing::UnitTest::GetInstance()->Failed()) {
      folder_.Keep();
      std::cerr << "logs and state: " << folder_.path() << "\n";
    }
    world_.reset();
  }

 private:
  testbed::TemporaryFolder folder_;
  std::unique_ptr<World> world_;
  bool failed_ = false;
};

class RowTest final : public testing::Test {
 public:
  RowTest(Stage& stage, Row row, Runner runner)
      : stage_(stage), row_(std::move(row)), runner_(std::move(runner)) {}

 private:
  void TestBody() override {
    ASSERT_NE(runner_, nullptr) << "nobody sends this input";
    World* world = stage_.world();
    ASSERT_NE(world, nullptr);
    SCOPED_TRACE(row_.input);
    Witness witness(*world);
    Outcome outcome;
    runner_(*world, outcome);
    if (!HasFatalFailure() && !IsSkipped()) witness.Check(row_, outcome);
  }

  Stage& stage_;
  const Row row_;
  const Runner runner_;
};

TEST(RejectionTable, NamesEveryThreatOfTheList) {
  const auto rows = LoadRows(OMNINODE_REJECTIONS_YAML);
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::set<std::string_view> named;
  for (const Row& row : *rows) named.insert(row.id);
  EXPECT_EQ(named, std::set<std::string_view>(std::begin(kIds), std::end(kIds)));
}

TEST(RejectionTable, HasARowForEveryRunnerAndARunnerForEveryRow) {
  const auto rows = LoadRows(OMNINODE_REJECTIONS_YAML);
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::set<std::string> in_table;
  std::set<std::string> in_code;
  for (const Row& row : *rows) in_table.insert(row.key());
  for (const auto& [key, runner] : AllRunners()) in_code.insert(key);
  for (const std::string& key : in_table) EXPECT_TRUE(in_code.contains(key)) << key;
  for (const std::string& key : in_code) EXPECT_TRUE(in_table.contains(key)) << key;
}

TEST(RejectionTable, IsNotTakenWithAHole) {
  constexpr std::string_view kWhole =
      "rows: [{id: T1, case: c, input: i, status: UNAUTHENTICATED, reason: SIG_INVALID, "
      "metric: registry RegistryService/Register SIG_INVALID, log: {message: m}}]";
  ASSERT_TRUE(ParseRows(kWhole).ok()) << ParseRows(kWhole).status();
  for (const std::string part :
       {"id: T1, ", "case: c, ", "input: i, ", "status: UNAUTHENTICATED, ", "reason: SIG_INVALID, ",
        "metric: registry RegistryService/Register SIG_INVALID, ", ", log: {message: m}"}) {
    std::string holed(kWhole);
    holed.erase(holed.find(part), part.size());
    EXPECT_FALSE(ParseRows(holed).ok()) << part;
  }
  std::string unknown(kWhole);
  unknown.insert(unknown.find("case"), "sort: of, ");
  EXPECT_FALSE(ParseRows(unknown).ok());
}

int Run() {
  auto rows = LoadRows(OMNINODE_REJECTIONS_YAML);
  if (!rows.ok()) {
    std::cerr << rows.status() << "\n";
    return 1;
  }
  auto* stage = new Stage;
  testing::AddGlobalTestEnvironment(stage);  // takes it
  const Runners runners = AllRunners();
  for (const Row& row : *rows) {
    const auto runner = runners.find(row.key());
    testing::RegisterTest(("Rejections/" + row.id).c_str(), row.name.c_str(), nullptr,
                          row.status.c_str(), __FILE__, __LINE__,
                          [stage, row, run = runner == runners.end() ? nullptr : runner->second] {
                            return static_cast<testing::Test*>(new RowTest(*stage, row, run));
                          });
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace omninode::rejections

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return omninode::rejections::Run();
}
