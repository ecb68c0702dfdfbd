#include "common/directory/set_hash.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::directory {
namespace {

crypto::Sha256Digest Number(std::uint8_t low_byte) {
  crypto::Sha256Digest digest = {};
  digest.back() = low_byte;
  return digest;
}

crypto::Sha256Digest AllOnes() {
  crypto::Sha256Digest digest;
  digest.fill(0xff);
  return digest;
}

TEST(SetHashTest, TheEmptySetIsZero) {
  EXPECT_EQ(SetHash().ToHex(), std::string(64, '0'));
  EXPECT_EQ(SetHash().ToBytes(), std::string(32, '\0'));
}

TEST(SetHashTest, AddsBigEndianNumbers) {
  SetHash hash;
  hash.Add(Number(0xfe));
  hash.Add(Number(3));
  EXPECT_EQ(hash.ToHex(), std::string(60, '0') + "0101");
}

TEST(SetHashTest, CarriesThroughEveryLimbAndWrapsAround) {
  SetHash hash;
  hash.Add(AllOnes());
  hash.Add(Number(1));
  EXPECT_EQ(hash, SetHash());
  hash.Remove(Number(1));
  EXPECT_EQ(hash.ToHex(), std::string(64, 'f'));
  hash.Add(AllOnes());
  EXPECT_EQ(hash.ToHex(), std::string(63, 'f') + "e");
}

TEST(SetHashTest, CarriesOutOfAFullLimbWithACarryComingIn) {
  // ff..ff in the second limb plus its own ff..ff plus a carry from the first.
  crypto::Sha256Digest digest = {};
  for (std::size_t i = 16; i < 32; ++i) digest[i] = 0xff;
  SetHash hash;
  hash.Add(digest);
  hash.Add(digest);
  EXPECT_EQ(hash.ToHex(), std::string(31, '0') + "1" + std::string(31, 'f') + "e");
  hash.Remove(digest);
  hash.Remove(digest);
  EXPECT_EQ(hash, SetHash());
}

TEST(SetHashTest, CountsAMemberTwice) {
  SetHash once;
  once.Add(Number(7));
  SetHash twice = once;
  twice.Add(Number(7));
  EXPECT_NE(once, twice);
}

TEST(SetHashTest, TravelsAsBytes) {
  SetHash hash;
  hash.Add(AllOnes());
  hash.Remove(Number(0x10));
  EXPECT_EQ(SetHash::FromBytes(hash.ToBytes()).value(), hash);
}

TEST(SetHashTest, RefusesAnyOtherLength) {
  for (const std::size_t size : {0, 31, 33}) {
    EXPECT_EQ(ReasonOf(SetHash::FromBytes(std::string(size, 'x')).status()),
              Reason::kArgumentInvalid);
  }
}

}  // namespace
}  // namespace omninode::directory
