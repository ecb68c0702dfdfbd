#include "common/runtime/ready_file.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/config/test_folder.h"

namespace omninode::runtime {
namespace {

namespace fs = std::filesystem;

class ReadyFileTest : public testing::Test {
 protected:
  absl::StatusOr<ReadyFile> Write(pid_t pid) {
    return ReadyFile::Write(path_, {pid, "127.0.0.1:7110", "127.0.0.1:8110"});
  }
  config::TestFolder folder_;
  const std::string path_ = folder_.path("ready");
};

TEST_F(ReadyFileTest, TellsTheAddressesWhileItLives) {
  {
    const auto ready = Write(42);
    ASSERT_TRUE(ready.ok()) << ready.status();
    const auto body = nlohmann::json::parse(folder_.Read("ready"));
    EXPECT_EQ(body, (nlohmann::json{
                        {"pid", 42}, {"grpc", "127.0.0.1:7110"}, {"admin", "127.0.0.1:8110"}}));
    EXPECT_FALSE(fs::exists(path_ + ".new"));
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ReadyFileTest, DoesNotRemoveTheFileOfAnotherProcess) {
  auto first = std::make_optional(*Write(1));
  const auto second = Write(2);
  first.reset();
  EXPECT_EQ(nlohmann::json::parse(folder_.Read("ready"))["pid"], 2);
}

TEST_F(ReadyFileTest, MovesWithItsDuty) {
  auto first = Write(1);
  {
    const ReadyFile second = *std::move(first);
    EXPECT_TRUE(fs::exists(path_));
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(ReadyFileTest, ClearsWhatAKilledProcessLeft) {
  folder_.Write("ready", "{}");
  ReadyFile::Clear(path_);
  EXPECT_FALSE(fs::exists(path_));
  ReadyFile::Clear(path_);
  ReadyFile::Clear("");
}

TEST_F(ReadyFileTest, WritesNothingWithoutAPath) {
  EXPECT_TRUE(ReadyFile::Write("", {1, "", ""}).ok());
}

TEST_F(ReadyFileTest, SaysWhenItCannotBeWritten) {
  const auto ready = ReadyFile::Write(folder_.path("no/ready"), {1, "", ""});
  EXPECT_EQ(ready.status().code(), absl::StatusCode::kNotFound);
  fs::create_directories(folder_.path("ready/full"));
  EXPECT_FALSE(Write(1).ok());
  EXPECT_FALSE(fs::exists(path_ + ".new"));
}

}  // namespace
}  // namespace omninode::runtime
