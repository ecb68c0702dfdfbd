#include "services/registry/sequencer/command_queue.h"

#include <thread>

#include <gtest/gtest.h>

#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::Creation;

std::vector<Submission> Batch(std::initializer_list<std::string> names) {
  std::vector<Submission> batch;
  for (const std::string& name : names) batch.push_back({Creation(name), nullptr});
  return batch;
}

bool Push(CommandQueue& queue, std::initializer_list<std::string> names, Urgency urgency) {
  auto batch = Batch(names);
  return queue.TryPush(batch, urgency);
}

std::string NamesOf(const std::vector<Submission>& group) {
  std::string names;
  for (const Submission& submission : group) {
    names += std::get<CreateNamespaceCommand>(submission.command).name.value();
  }
  return names;
}

std::string TakeAll(CommandQueue& queue, std::size_t max = SIZE_MAX) {
  std::vector<Submission> group;
  queue.Take(&group, max, {});
  return NamesOf(group);
}

TEST(CommandQueueTest, ControlGoesFirstAndEachQueueKeepsItsOrder) {
  CommandQueue queue(10, 10);
  ASSERT_TRUE(Push(queue, {"a", "b"}, Urgency::kData));
  ASSERT_TRUE(Push(queue, {"x"}, Urgency::kControl));
  ASSERT_TRUE(Push(queue, {"c"}, Urgency::kData));
  ASSERT_TRUE(Push(queue, {"y"}, Urgency::kControl));
  EXPECT_EQ(queue.size(), 5u);
  EXPECT_EQ(TakeAll(queue), "xyabc");
  EXPECT_EQ(queue.size(), 0u);
}

TEST(CommandQueueTest, EachQueueHasABoundOfItsOwn) {
  CommandQueue queue(1, 2);
  EXPECT_TRUE(Push(queue, {"a", "b"}, Urgency::kData));
  EXPECT_FALSE(Push(queue, {"c"}, Urgency::kData));
  EXPECT_TRUE(Push(queue, {"x"}, Urgency::kControl));
  EXPECT_FALSE(Push(queue, {"y"}, Urgency::kControl));
  EXPECT_EQ(TakeAll(queue), "xab");
}

TEST(CommandQueueTest, ABatchThatDoesNotFitIsLeftUntouched) {
  CommandQueue queue(1, 2);
  ASSERT_TRUE(Push(queue, {"a"}, Urgency::kData));
  auto batch = Batch({"b", "c"});
  EXPECT_FALSE(queue.TryPush(batch, Urgency::kData));
  EXPECT_EQ(NamesOf(batch), "bc");
  EXPECT_EQ(TakeAll(queue), "a");
}

TEST(CommandQueueTest, TakesNoMoreThanFitsBehindWhatIsThere) {
  CommandQueue queue(10, 10);
  ASSERT_TRUE(Push(queue, {"a", "b", "c"}, Urgency::kData));
  std::vector<Submission> group = Batch({"d"});
  queue.Take(&group, 3, {});
  EXPECT_EQ(NamesOf(group), "dab");
  EXPECT_EQ(TakeAll(queue), "c");
}

TEST(CommandQueueTest, AClosedQueueTakesNothingButGivesWhatItHas) {
  CommandQueue queue(10, 10);
  ASSERT_TRUE(Push(queue, {"a"}, Urgency::kData));
  queue.Close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(Push(queue, {"b"}, Urgency::kControl));
  std::vector<Submission> group;
  // Would hang for an hour if it waited.
  queue.Take(&group, 10, {.timeout = absl::Hours(1), .linger = absl::Hours(1), .small_group = 10});
  EXPECT_EQ(NamesOf(group), "a");
  group.clear();
  queue.Take(&group, 10, {.timeout = absl::Hours(1)});
  EXPECT_TRUE(group.empty());
  queue.WaitForClose(absl::Hours(1));
}

TEST(CommandQueueTest, AWaitingConsumerIsWokenByAPush) {
  CommandQueue queue(10, 10);
  std::thread producer([&] { Push(queue, {"a"}, Urgency::kData); });
  std::vector<Submission> group;
  while (group.empty()) queue.Take(&group, 10, {.timeout = absl::Hours(1)});
  producer.join();
  EXPECT_EQ(NamesOf(group), "a");
}

TEST(CommandQueueTest, AWaitingConsumerIsWokenByClose) {
  CommandQueue queue(10, 10);
  std::thread closer([&] { queue.Close(); });
  std::vector<Submission> group;
  while (!queue.closed()) queue.Take(&group, 10, {.timeout = absl::Hours(1)});
  closer.join();
  EXPECT_TRUE(group.empty());
}

TEST(CommandQueueTest, ALargeGroupDoesNotWaitForCompany) {
  CommandQueue queue(10, 10);
  ASSERT_TRUE(Push(queue, {"a", "b"}, Urgency::kData));
  std::vector<Submission> group = Batch({"d"});
  // Deferred commands count: three are company enough. Would hang otherwise.
  queue.Take(&group, 10, {.linger = absl::Hours(1), .small_group = 3});
  EXPECT_EQ(NamesOf(group), "dab");
}

TEST(CommandQueueTest, ASmallGroupLingersAndThenTakesWhatCame) {
  CommandQueue queue(10, 10);
  ASSERT_TRUE(Push(queue, {"a"}, Urgency::kData));
  std::vector<Submission> group;
  queue.Take(&group, 10, {.linger = absl::Milliseconds(1), .small_group = 3});
  EXPECT_EQ(NamesOf(group), "a");
}

}  // namespace
}  // namespace omninode::registry
