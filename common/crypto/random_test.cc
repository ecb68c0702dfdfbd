#include "common/crypto/random.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "common/crypto/wipe.h"

namespace omninode::crypto {
namespace {

TEST(Random, GivesAsManyBytesAsAskedFor) {
  EXPECT_EQ(RandomBytes(0).size(), 0u);
  EXPECT_EQ(RandomBytes(1000).size(), 1000u);
}

TEST(Random, ValuesDoNotRepeat) {
  std::set<std::string> bytes;
  std::set<std::uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) {
    bytes.insert(RandomBytes(16));
    numbers.insert(RandomUint64());
  }
  EXPECT_EQ(bytes.size(), 1000u);
  EXPECT_EQ(numbers.size(), 1000u);
}

TEST(Random, UuidsAreOfVersion4) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string uuid = RandomUuid();
    EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 200u);
}

TEST(Wipe, OverwritesTheBytesInPlace) {
  std::string secret = "a secret that is too long for the short string buffer";
  const char* bytes = secret.data();
  const std::size_t size = secret.size();
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
  // The buffer still belongs to the string, so its former bytes may be read.
  EXPECT_EQ(std::string(bytes, size), std::string(size, '\0'));
}

}  // namespace
}  // namespace omninode::crypto
