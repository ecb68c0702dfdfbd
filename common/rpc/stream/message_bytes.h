#ifndef OMNINODE_COMMON_RPC_STREAM_MESSAGE_BYTES_H_
#define OMNINODE_COMMON_RPC_STREAM_MESSAGE_BYTES_H_

#include <cstddef>
#include <string_view>

#include <absl/status/status.h>
#include <grpcpp/support/byte_buffer.h>

namespace google::protobuf {
class MessageLite;
}

// Between messages and the bytes that the reactors of this folder carry. Pure functions.
namespace omninode::rpc {

// Fails with MSG_TOO_LARGE beyond `max_bytes`, before anything is parsed, and with MSG_MALFORMED.
absl::Status ParseMessage(const grpc::ByteBuffer& bytes, std::size_t max_bytes,
                          google::protobuf::MessageLite* out);

grpc::ByteBuffer SerializeMessage(const google::protobuf::MessageLite& message);

// The buffer of bytes that are a serialized message already.
grpc::ByteBuffer ToByteBuffer(std::string_view bytes);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_MESSAGE_BYTES_H_
