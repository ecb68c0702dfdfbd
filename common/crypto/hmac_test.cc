#include "common/crypto/hmac.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace omninode::crypto {
namespace {

std::string Bytes(std::string_view hex) { return HexDecode(hex).value(); }

std::string Range(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out.push_back(static_cast<char>(i));
  return out;
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(DigestHex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(DigestHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(DigestHex(HmacSha256(std::string(131, '\xaa'),
                                 "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AKeyOfOneBlockIsUsedAsItIs) {
  const std::string block(64, 'k');
  EXPECT_NE(HmacSha256(block, "x"), HmacSha256(block + "k", "x"));
  EXPECT_NE(HmacSha256(block, "x"), HmacSha256(DigestBytes(Sha256(block)), "x"));
  EXPECT_EQ(HmacSha256(block + "k", "x"), HmacSha256(DigestBytes(Sha256(block + "k")), "x"));
}

TEST(Hkdf, MatchesRfc5869Case1) {
  EXPECT_EQ(
      HexEncode(HkdfSha256(std::string(22, '\x0b'), Range(0x00, 0x0c), Range(0xf0, 0xf9), 42)),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, MatchesRfc5869Case2) {
  EXPECT_EQ(
      HexEncode(HkdfSha256(Range(0x00, 0x4f), Range(0x60, 0xaf), Range(0xb0, 0xff), 82)),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
      "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(Hkdf, MatchesRfc5869Case3WithoutSaltAndInfo) {
  EXPECT_EQ(HexEncode(HkdfSha256(std::string(22, '\x0b'), "", "", 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, GivesTheLengthAskedForUpToItsBound) {
  EXPECT_EQ(HkdfSha256("s", "", "i", 0).size(), 0u);
  EXPECT_EQ(HkdfSha256("s", "", "i", kMaxHkdfOutput).size(), kMaxHkdfOutput);
  EXPECT_DEATH(HkdfSha256("s", "", "i", kMaxHkdfOutput + 1), "length");
}

TEST(ConstantTimeEquals, ComparesBytesAndLengths) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals(Bytes("00ff"), Bytes("00ff")));
  EXPECT_FALSE(ConstantTimeEquals(Bytes("00ff"), Bytes("00fe")));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abcd"));
  EXPECT_FALSE(ConstantTimeEquals("", "a"));
}

}  // namespace
}  // namespace omninode::crypto
