#include "tools/omnictl/node_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/config/test_folder.h"
#include "common/time/fake_clock.h"

namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NodeEventsTest : public ::testing::Test {
 protected:
  absl::Status Take(const NodeEvent& event) {
    taken_.push_back(event.event + " " + event.position);
    // What a test that waits for the file would read.
    ready_texts_.push_back(folder_.Read("ready"));
    return fail_ ? absl::InternalError("broken pipe") : absl::OkStatus();
  }

  // The sink runs on the thread of the object, which has ended when the object is gone.
  void Hand(const std::function<void(NodeEvents&)>& use) {
    NodeEvents events(
        clock_, folder_.path("ready"), [this](const NodeEvent& event) { return Take(event); },
        [this](absl::Status status) { failures_.push_back(std::move(status)); });
    use(events);
  }

  const config::TestFolder folder_;
  const FakeClock clock_;
  bool fail_ = false;
  std::vector<std::string> taken_;
  std::vector<std::string> ready_texts_;
  std::vector<absl::Status> failures_;
};

TEST_F(NodeEventsTest, HandsOverInOrderAndAllBeforeItEnds) {
  Hand([](NodeEvents& events) {
    events.Add("joined", "", "");
    events.Add("registered", "1:42", "");
    events.Add("left", "", "");
  });
  EXPECT_THAT(taken_, ElementsAre("joined ", "registered 1:42", "left "));
  EXPECT_TRUE(failures_.empty());
}

TEST_F(NodeEventsTest, MakesTheReadyFileAtTheFirstPositionAndRemovesIt) {
  folder_.Write("ready", "from a killed run");
  Hand([](NodeEvents& events) {
    events.Add("joined", "", "");
    events.Add("registered", "1:42", "");
    events.Add("renewed", "1:43", "");
    events.Add("left", "", "");
  });
  ASSERT_EQ(ready_texts_.size(), 4u);
  EXPECT_EQ(ready_texts_[0], "");
  EXPECT_EQ(ready_texts_[1], "");
  EXPECT_THAT(ready_texts_[2], HasSubstr(R"("position":"1:42"})"));
  EXPECT_EQ(ready_texts_[3], ready_texts_[2]);
  EXPECT_EQ(folder_.Read("ready"), "");
}

TEST_F(NodeEventsTest, TellsOnceThatNobodyReadsAnyMore) {
  fail_ = true;
  Hand([](NodeEvents& events) {
    events.Add("joined", "", "");
    events.Add("registered", "1:42", "");
  });
  EXPECT_THAT(taken_, ElementsAre("joined "));
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(NodeEventsTest, DropsWhatASlowReaderHasNoRoomFor) {
  Mutex gate;
  {
    NodeEvents events(
        clock_, "",
        [&](const NodeEvent& event) {
          MutexLock lock(gate);
          taken_.push_back(event.event);
          return absl::OkStatus();
        },
        [](const absl::Status&) {});
    MutexLock lock(gate);
    // At most one batch was taken out before the reader stood at the gate.
    for (std::size_t i = 0; i < 3 * NodeEvents::kMaxWaiting; ++i) events.Add("e", "", "");
  }
  EXPECT_LE(taken_.size(), 2 * NodeEvents::kMaxWaiting);
  EXPECT_GE(taken_.size(), NodeEvents::kMaxWaiting);
}

TEST_F(NodeEventsTest, WritesTheReadyFileWhole) {
  ASSERT_TRUE(WriteReadyFile(folder_.path("r"), "2:7").ok());
  EXPECT_EQ(folder_.Read("r"), fmt::format("{{\"pid\":{},\"position\":\"2:7\"}}\n", ::getpid()));
  EXPECT_EQ(folder_.Read("r.new"), "");
  EXPECT_FALSE(WriteReadyFile(folder_.path("no/folder"), "2:7").ok());
}

}  // namespace
}  // namespace omninode::omnictl
