#include "common/envelope/wire_reader.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/test_wire.h"

namespace omninode::envelope {
namespace {

using testing::Bytes;
using testing::BytesField;
using testing::NumberField;
using testing::OverlongVarint;
using testing::Tag;
using testing::Varint;

absl::StatusOr<WireField> First(const std::string& bytes) {
  WireReader reader(bytes);
  auto field = reader.Next();
  if (field.ok() && field->type == WireType::kLength) {
    if (absl::Status read = reader.ReadBytes(&*field); !read.ok()) return read;
  }
  return field;
}

std::optional<Reason> RefusalOf(const std::string& bytes) {
  return ReasonOf(First(bytes).status());
}

TEST(WireReaderTest, ReadsEveryWireType) {
  EXPECT_EQ(First(NumberField(3, 300))->value, 300u);
  EXPECT_EQ(First(Tag(3, 1) + Bytes({1, 2, 3, 4, 5, 6, 7, 8}))->value, 0x0807060504030201u);
  EXPECT_EQ(First(Tag(3, 5) + Bytes({1, 2, 3, 4}))->value, 0x04030201u);
  const std::string bytes = BytesField(3, "abc");
  WireReader reader(bytes);
  auto field = reader.Next();
  ASSERT_TRUE(field.ok());
  EXPECT_EQ(field->number, 3u);
  EXPECT_EQ(field->value, 3u);
  EXPECT_FALSE(reader.done());
  ASSERT_TRUE(reader.ReadBytes(&*field).ok());
  EXPECT_EQ(field->bytes, "abc");
  EXPECT_TRUE(reader.done());
}

TEST(WireReaderTest, ReadsNumbersUpToTheLargest) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
        std::numeric_limits<std::uint64_t>::max() / 2, std::numeric_limits<std::uint64_t>::max()}) {
    const auto field = First(NumberField(1, value));
    ASSERT_TRUE(field.ok()) << value;
    EXPECT_EQ(field->value, value);
  }
}

TEST(WireReaderTest, RefusesNumbersWrittenLongerThanNeeded) {
  EXPECT_EQ(RefusalOf(Tag(1, 0) + OverlongVarint(0)), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(Tag(1, 0) + OverlongVarint(300)), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(OverlongVarint(1 << 3) + Varint(1)), Reason::kMsgMalformed) << "tag";
  EXPECT_EQ(RefusalOf(Tag(1, 2) + OverlongVarint(1) + "x"), Reason::kMsgMalformed) << "length";
}

TEST(WireReaderTest, RefusesNumbersBeyond64Bits) {
  const std::string nine(9, '\xff');
  EXPECT_TRUE(First(Tag(1, 0) + nine + '\x01').ok());
  EXPECT_EQ(RefusalOf(Tag(1, 0) + nine + '\x02'), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(Tag(1, 0) + nine + '\x81' + '\x01'), Reason::kMsgMalformed);
}

TEST(WireReaderTest, RefusesWhatIsCutOff) {
  for (const std::string& whole :
       {NumberField(1, 300), Tag(1, 1) + std::string(8, 'x'), Tag(1, 5) + std::string(4, 'x'),
        BytesField(1, "abc"), NumberField(1000, 1)}) {
    ASSERT_TRUE(First(whole).ok());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(RefusalOf(whole.substr(0, size)), Reason::kMsgMalformed) << size;
    }
  }
}

TEST(WireReaderTest, RefusesALengthBeyondTheEnd) {
  EXPECT_EQ(RefusalOf(Tag(1, 2) + Varint(4) + "abc"), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(Tag(1, 2) + Varint(1ULL << 31) + "abc"), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(Tag(1, 2) + Varint(std::numeric_limits<std::uint64_t>::max()) + "abc"),
            Reason::kMsgMalformed);
}

TEST(WireReaderTest, RefusesGroupsAndReservedWireTypes) {
  for (const unsigned type : {3u, 4u, 6u, 7u}) {
    EXPECT_EQ(RefusalOf(Tag(1, type) + Varint(1)), Reason::kMsgMalformed) << type;
  }
}

TEST(WireReaderTest, RefusesFieldNumbersThatDoNotExist) {
  EXPECT_EQ(RefusalOf(Varint(0) + Varint(1)), Reason::kMsgMalformed);
  EXPECT_TRUE(First(NumberField((1u << 29) - 1, 1)).ok());
  EXPECT_EQ(RefusalOf(Varint(1ULL << 32) + Varint(1)), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalOf(Varint(1ULL << 35 | 1ULL << 3) + Varint(1)), Reason::kMsgMalformed)
      << "32 bits of it would be field 1";
}

}  // namespace
}  // namespace omninode::envelope
