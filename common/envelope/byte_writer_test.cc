#include "common/envelope/byte_writer.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"

namespace omninode::envelope {
namespace {

TEST(ByteWriterTest, WritesNumbersBigEndian) {
  EXPECT_EQ(HexEncode(ByteWriter()
                          .Number(std::uint8_t{0xab})
                          .Number(std::uint16_t{0x0102})
                          .Number(std::uint32_t{0x03040506})
                          .Number(std::uint64_t{0x0708090a0b0c0d0e})
                          .Take()),
            "ab0102030405060708090a0b0c0d0e");
}

TEST(ByteWriterTest, WritesTheLengthBeforeTheBytes) {
  EXPECT_EQ(
      HexEncode(
          ByteWriter().Prefixed<std::uint16_t>("ab").Prefixed<std::uint32_t>("").Fixed("c").Take()),
      "0002"
      "6162"
      "00000000"
      "63");
}

TEST(ByteWriterTest, TakesWhatFitsIntoTheLengthAndNoMore) {
  EXPECT_EQ(ByteWriter().Prefixed<std::uint8_t>(std::string(255, 'x')).Take().size(), 256u);
  EXPECT_DEATH(ByteWriter().Prefixed<std::uint8_t>(std::string(256, 'x')), "bytes.size");
}

}  // namespace
}  // namespace omninode::envelope
