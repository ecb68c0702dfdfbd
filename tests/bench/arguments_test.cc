#include "tests/bench/arguments.h"

#include <gtest/gtest.h>

#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::bench {
namespace {

using crypto::KeyAlgorithm;

Arguments Parsed(std::vector<std::string> words) {
  auto arguments = ParseArguments(std::move(words));
  EXPECT_TRUE(arguments.ok()) << arguments.status();
  return arguments.value_or(Arguments{});
}

// One line that names the word at fault, and the exit code of a wrong command line.
void ExpectRefused(std::vector<std::string> words, std::string_view named) {
  const auto arguments = ParseArguments(std::move(words));
  ASSERT_FALSE(arguments.ok());
  const std::string message(Message(arguments.status()));
  EXPECT_NE(message.find(named), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_EQ(ExitCodeFor(arguments.status()), ExitCode::kUsage);
}

TEST(ArgumentsTest, AScenarioAloneHasItsDefaults) {
  const Arguments arguments = Parsed({"W1"});
  EXPECT_EQ(arguments.scenario, Scenario::kW1);
  EXPECT_EQ(arguments.duration, absl::Seconds(10));
  EXPECT_EQ(arguments.algorithm, KeyAlgorithm::kP256);
  EXPECT_FALSE(arguments.watchers || arguments.in_flight || arguments.nodes);
  EXPECT_FALSE(arguments.json);
}

TEST(ArgumentsTest, TakesEveryFlagInAnyOrder) {
  const Arguments arguments = Parsed({"--json", "--seconds", "3", "R1", "--algorithm=ed25519",
                                      "--in-flight", "32", "--watchers", "7", "--nodes", "50"});
  EXPECT_EQ(arguments.scenario, Scenario::kR1);
  EXPECT_EQ(arguments.duration, absl::Seconds(3));
  EXPECT_EQ(arguments.algorithm, KeyAlgorithm::kEd25519);
  EXPECT_EQ(arguments.in_flight, 32u);
  EXPECT_EQ(arguments.watchers, 7u);
  EXPECT_EQ(arguments.nodes, 50u);
  EXPECT_TRUE(arguments.json);
}

TEST(ArgumentsTest, HelpNeedsNoScenarioAndExplainsTheCeilings) {
  EXPECT_TRUE(Parsed({"--help"}).help);
  EXPECT_NE(HelpText().find("examples"), std::string::npos);
  EXPECT_NE(HelpText().find("Ceiling"), std::string::npos);
}

TEST(ArgumentsTest, RefusesWhatItDoesNotKnow) {
  ExpectRefused({}, "which scenario");
  ExpectRefused({"R9"}, "R9");
  ExpectRefused({"R1", "W1"}, "W1");
  ExpectRefused({"R1", "--fast"}, "--fast");
  ExpectRefused({"R1", "--algorithm", "rsa1024"}, "rsa1024");
  ExpectRefused({"R1", "--seconds"}, "--seconds");
}

TEST(ArgumentsTest, BoundsAreInclusive) {
  EXPECT_EQ(Parsed({"R1", "--in-flight", "512"}).in_flight, 512u);
  ExpectRefused({"R1", "--in-flight", "513"}, "513");
  ExpectRefused({"R1", "--in-flight", "0"}, "'0'");
  ExpectRefused({"R1", "--in-flight", "-4"}, "-4");
  EXPECT_EQ(Parsed({"W1", "--watchers", "5000"}).watchers, 5000u);
  ExpectRefused({"W1", "--watchers", "5001"}, "5001");
  EXPECT_EQ(Parsed({"G1", "--nodes", "1000000"}).nodes, 1'000'000u);
  ExpectRefused({"G1", "--nodes", "1000001"}, "1000001");
  EXPECT_EQ(Parsed({"R1", "--seconds", "600"}).duration, absl::Minutes(10));
  ExpectRefused({"R1", "--seconds", "601"}, "601");
  ExpectRefused({"R1", "--seconds", "1.5"}, "1.5");
  ExpectRefused({"R1", "--seconds", "99999999999999999999"}, "9999");
}

}  // namespace
}  // namespace omninode::bench
