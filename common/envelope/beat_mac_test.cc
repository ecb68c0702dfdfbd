#include "common/envelope/beat_mac.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace omninode::envelope {
namespace {

class BeatMacTest : public ::testing::Test {
 protected:
  static NetworkId Network(std::string_view text) { return NetworkId::Parse(text).value(); }
  static NamespaceName Ns(std::string_view text) { return NamespaceName::Parse(text).value(); }

  std::string Mac(const BeatFields& beat) const {
    return std::string(AsText(ComputeBeatMac(key_, beat)));
  }

  const std::string key_ = [] {
    std::string key;
    for (char c = 0; c < 32; ++c) key.push_back(c);
    return key;
  }();
  const NetworkId network_ = Network("demo");
  const NamespaceName ns_ = Ns("tenant-a");
  const BeatFields beat_{network_, ns_, 173, 1'800'000'000'123, directory::Health::kDegraded};
};

// Computed with another implementation (Python's hmac) from the text of heartbeat.proto.
TEST_F(BeatMacTest, HasTheDocumentedValue) {
  EXPECT_EQ(HexEncode(Mac(beat_)), "ef7a89a053efdc45998c94d0c31afec3");
}

TEST_F(BeatMacTest, CoversEveryPart) {
  const NetworkId other_network = Network("demo2");
  const NamespaceName other_ns = Ns("tenant-b");
  // The same characters, parted elsewhere.
  const NetworkId longer = Network("demot");
  const NamespaceName shorter = Ns("enant-a");
  const auto health = directory::Health::kDegraded;
  std::set<std::string> macs = {Mac(beat_)};
  const std::vector<BeatFields> others = {
      {other_network, ns_, 173, 1'800'000'000'123, health},
      {network_, other_ns, 173, 1'800'000'000'123, health},
      {longer, shorter, 173, 1'800'000'000'123, health},
      {network_, ns_, 174, 1'800'000'000'123, health},
      {network_, ns_, 173, 1'800'000'000'124, health},
      {network_, ns_, 173, 1'800'000'000'123, directory::Health::kServing}};
  for (const BeatFields& other : others) macs.insert(Mac(other));
  EXPECT_EQ(macs.size(), others.size() + 1);
}

TEST_F(BeatMacTest, VerifiesOnlyTheWholeMacUnderTheKey) {
  const std::string mac = Mac(beat_);
  EXPECT_TRUE(VerifyBeatMac(key_, beat_, mac));
  EXPECT_FALSE(VerifyBeatMac("another key", beat_, mac));
  EXPECT_FALSE(VerifyBeatMac(key_, beat_, mac.substr(0, 15)));
  EXPECT_FALSE(VerifyBeatMac(key_, beat_, mac + "x"));
  EXPECT_FALSE(VerifyBeatMac(key_, beat_, ""));
  for (std::size_t bit = 0; bit < 8 * mac.size(); ++bit) {
    std::string changed = mac;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(VerifyBeatMac(key_, beat_, changed)) << bit;
  }
}

}  // namespace
}  // namespace omninode::envelope
