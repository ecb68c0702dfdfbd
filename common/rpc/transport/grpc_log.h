#ifndef OMNINODE_COMMON_RPC_TRANSPORT_GRPC_LOG_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_GRPC_LOG_H_

namespace omninode::telemetry {
class Logger;
}

namespace omninode::rpc {

// While it lives, the process's gRPC and protobuf log lines go through `logger` as lines of a
// foreign library instead of to stderr. The hooks of both libraries are process-wide and carry no
// context, so there is one at a time. Thread-safe. The logger outlives it.
class GrpcLog final {
 public:
  // REQUIRES: no other GrpcLog is alive.
  explicit GrpcLog(telemetry::Logger& logger);
  ~GrpcLog();
  GrpcLog(const GrpcLog&) = delete;
  GrpcLog& operator=(const GrpcLog&) = delete;
};

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_GRPC_LOG_H_
