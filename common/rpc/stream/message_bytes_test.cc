#include "common/rpc/stream/message_bytes.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "omninode/registry/v1/registry_service.pb.h"

namespace omninode::rpc {
namespace {

registry::v1::GetNodeRequest Request() {
  registry::v1::GetNodeRequest request;
  request.set_namespace_("tenant-a");
  request.set_node_id("n1");
  return request;
}

TEST(MessageBytesTest, AMessageComesBack) {
  registry::v1::GetNodeRequest parsed;
  ASSERT_TRUE(ParseMessage(SerializeMessage(Request()), 1024, &parsed).ok());
  EXPECT_EQ(parsed.SerializeAsString(), Request().SerializeAsString());
}

TEST(MessageBytesTest, ReadsMessagesOfSeveralSlices) {
  const std::string bytes = Request().SerializeAsString();
  const grpc::Slice slices[] = {grpc::Slice(bytes.substr(0, 5)), grpc::Slice(bytes.substr(5))};
  registry::v1::GetNodeRequest parsed;
  ASSERT_TRUE(ParseMessage(grpc::ByteBuffer(slices, 2), 1024, &parsed).ok());
  EXPECT_EQ(parsed.node_id(), "n1");
}

TEST(MessageBytesTest, TheEmptyMessageIsNoBytes) {
  registry::v1::GetNodeRequest parsed;
  EXPECT_TRUE(ParseMessage(SerializeMessage(registry::v1::GetNodeRequest()), 0, &parsed).ok());
}

TEST(MessageBytesTest, RefusesOneByteTooMany) {
  const grpc::ByteBuffer bytes = SerializeMessage(Request());
  registry::v1::GetNodeRequest parsed;
  EXPECT_TRUE(ParseMessage(bytes, bytes.Length(), &parsed).ok());
  EXPECT_EQ(ReasonOf(ParseMessage(bytes, bytes.Length() - 1, &parsed)), Reason::kMsgTooLarge);
}

TEST(MessageBytesTest, RefusesWhatIsNoMessage) {
  registry::v1::GetNodeRequest parsed;
  EXPECT_EQ(ReasonOf(ParseMessage(ToByteBuffer("\x0a\xff"), 1024, &parsed)), Reason::kMsgMalformed);
}

}  // namespace
}  // namespace omninode::rpc
