#include "common/rpc/stream/message_bytes.h"

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "common/base/reason.h"

namespace omninode::rpc {

absl::Status ParseMessage(const grpc::ByteBuffer& bytes, std::size_t max_bytes,
                          google::protobuf::MessageLite* out) {
  if (bytes.Length() > max_bytes) {
    return Reject(Reason::kMsgTooLarge, "{} bytes, the limit is {}", bytes.Length(), max_bytes);
  }
  grpc::ByteBuffer copy = bytes;  // the slices are shared; the reader wants a mutable one
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok() || !out->ParseFromZeroCopyStream(&reader)) {
    return Reject(Reason::kMsgMalformed, "not a {}", out->GetTypeName());
  }
  return absl::OkStatus();
}

grpc::ByteBuffer SerializeMessage(const google::protobuf::MessageLite& message) {
  return ToByteBuffer(message.SerializeAsString());
}

grpc::ByteBuffer ToByteBuffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace omninode::rpc
