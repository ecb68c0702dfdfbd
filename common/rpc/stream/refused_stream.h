#ifndef OMNINODE_COMMON_RPC_STREAM_REFUSED_STREAM_H_
#define OMNINODE_COMMON_RPC_STREAM_REFUSED_STREAM_H_

#include <utility>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

namespace omninode::rpc {

// A stream that is over before it began: what a streaming method returns when the guard refused.
// Deletes itself.
template <typename Reactor>
class RefusedStream final : public Reactor {
 public:
  static Reactor* Make(grpc::Status status) { return new RefusedStream(std::move(status)); }

 private:
  explicit RefusedStream(grpc::Status status) { this->Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

inline grpc::ServerWriteReactor<grpc::ByteBuffer>* RefuseWrites(grpc::Status status) {
  return RefusedStream<grpc::ServerWriteReactor<grpc::ByteBuffer>>::Make(std::move(status));
}
inline grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* RefuseBidi(
    grpc::Status status) {
  return RefusedStream<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>>::Make(
      std::move(status));
}

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_REFUSED_STREAM_H_
