#include "common/rpc/transport/health_service.h"

#include <google/protobuf/message.h>

#include "grpc/health/v1/health.pb.h"

namespace omninode::rpc {

// The linker leaves the description out unless somebody asks for a message of it; then its own
// static object puts it into the pool that reflection reads.
void DescribeHealthService() {
  google::protobuf::LinkMessageReflection<grpc::health::v1::HealthCheckRequest>();
}

}  // namespace omninode::rpc
