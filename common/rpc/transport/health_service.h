#ifndef OMNINODE_COMMON_RPC_TRANSPORT_HEALTH_SERVICE_H_
#define OMNINODE_COMMON_RPC_TRANSPORT_HEALTH_SERVICE_H_

namespace omninode::rpc {

// Makes reflection able to describe grpc.health.v1.Health, which gRPC itself serves without
// knowing its description. Any thread, any number of times.
void DescribeHealthService();

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_TRANSPORT_HEALTH_SERVICE_H_
