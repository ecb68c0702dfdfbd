#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_CALLS_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_CALLS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/time/time.h>
#include <grpcpp/support/status.h>

#include "tests/integration/rejections/actor.h"

namespace google::protobuf {
class MessageLite;
}
namespace grpc {
class Channel;
}

namespace omninode::rejections {

inline constexpr absl::Duration kCallTimeout = absl::Seconds(10);

// A way to a service for whoever has any certificate, or none (null). The server is believed.
std::shared_ptr<grpc::Channel> Dial(const std::string& address, const Actor* client);

// Sends bytes as the one message of a call and reads all answers.
struct RawAnswer {
  grpc::Status status;
  std::vector<std::string> messages;
};
// `method`: "omninode.registry.v1.RegistryService/Register".
RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                  std::string_view request);
// The same with messages; `answer` may be null.
grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                      const google::protobuf::MessageLite& request,
                      google::protobuf::MessageLite* answer = nullptr);

// What the answer says in google.rpc.ErrorInfo of domain "omninode"; empty without one.
struct ErrorDetail {
  std::string reason;
  std::string metadata;  // "key=value key=value", by key
};
ErrorDetail DetailOf(const grpc::Status& status);

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_CALLS_H_
