#include "common/envelope/dsse.h"

#include <gtest/gtest.h>

namespace omninode::envelope {
namespace {

// The example of the DSSE specification (protocol.md).
TEST(DsseTest, EncodesTheSpecificationsExample) {
  EXPECT_EQ(PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(DsseTest, EncodesAnEnvelopesBody) {
  using namespace std::string_literals;
  EXPECT_EQ(PreAuthenticationEncoding(kPayloadType, "\x00\xff\n"s),
            "DSSEv1 45 application/vnd.omninode.envelope.v1+protobuf 3 \x00\xff\n"s);
}

TEST(DsseTest, KeepsTypeAndBodyApart) {
  EXPECT_EQ(PreAuthenticationEncoding("", ""), "DSSEv1 0  0 ");
  EXPECT_NE(PreAuthenticationEncoding("a 1 b", "c"), PreAuthenticationEncoding("a", "b 1 c"));
}

}  // namespace
}  // namespace omninode::envelope
