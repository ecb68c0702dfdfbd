#include "common/concurrency/thread_name.h"

#include <array>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

namespace omninode {
namespace {

std::string NameAfterSetting(std::string_view name) {
  std::array<char, 16> buffer{};
  std::thread([&] {
    SetThreadName(name);
    pthread_getname_np(pthread_self(), buffer.data(), buffer.size());
  }).join();
  return buffer.data();
}

TEST(ThreadName, KeepsFifteenBytes) {
  EXPECT_EQ(NameAfterSetting("sequencer"), "sequencer");
  EXPECT_EQ(NameAfterSetting("123456789012345"), "123456789012345");
  EXPECT_EQ(NameAfterSetting("1234567890123456"), "123456789012345");
}

}  // namespace
}  // namespace omninode
