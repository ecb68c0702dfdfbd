#include "common/crypto/digest.h"

#include <unordered_map>

#include <gtest/gtest.h>

namespace omninode::crypto {
namespace {

TEST(Digest, MatchesThePublishedVectors) {
  EXPECT_EQ(DigestHex(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(DigestHex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, PiecesGiveTheDigestOfTheWhole) {
  Sha256Hasher hasher;
  hasher.Update("a");
  hasher.Update("");
  hasher.Update("bc");
  EXPECT_EQ(hasher.Finish(), Sha256("abc"));
}

TEST(Digest, AHasherCanBeMoved) {
  Sha256Hasher first;
  first.Update("ab");
  Sha256Hasher second = std::move(first);
  second.Update("c");
  EXPECT_EQ(second.Finish(), Sha256("abc"));
}

TEST(Digest, BytesAreThoseOfTheDigest) {
  const Sha256Digest digest = Sha256("abc");
  EXPECT_EQ(DigestBytes(digest).size(), 32u);
  EXPECT_EQ(static_cast<std::uint8_t>(DigestBytes(digest)[0]), 0xba);
}

TEST(Digest, IsAKeyOfHashMaps) {
  std::unordered_map<Sha256Digest, int, DigestHash> map;
  map[Sha256("a")] = 1;
  map[Sha256("b")] = 2;
  EXPECT_EQ(map.at(Sha256("a")), 1);
  EXPECT_EQ(map.size(), 2u);
  EXPECT_NE(DigestHash()(Sha256("a")), DigestHash()(Sha256("b")));
}

}  // namespace
}  // namespace omninode::crypto
