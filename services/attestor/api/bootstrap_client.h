#ifndef OMNINODE_SERVICES_ATTESTOR_API_BOOTSTRAP_CLIENT_H_
#define OMNINODE_SERVICES_ATTESTOR_API_BOOTSTRAP_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

namespace grpc {
class Channel;
}

namespace omninode::attestor {

// The attestor's half of IdentityService. Asynchronous: nothing blocks, answers come on gRPC's
// threads. Thread-safe. The destructor cancels the calls in progress and waits for their answers.
// Errors are those that bootstrap sent, or gRPC's own without a reason.
class BootstrapClient final {
 public:
  // For one call; two of them fit into the life of an attestation.
  static constexpr absl::Duration kCallTimeout = absl::Seconds(4);

  // Asked for each call, because the channel changes when the attestor's SVID is renewed.
  using ChannelSource = std::function<std::shared_ptr<grpc::Channel>()>;
  explicit BootstrapClient(ChannelSource channel);
  ~BootstrapClient();
  BootstrapClient(const BootstrapClient&) = delete;
  BootstrapClient& operator=(const BootstrapClient&) = delete;

  struct Challenge {
    std::string attestation_id;
    std::string challenge;
  };
  template <typename T>
  using Answer = absl::AnyInvocable<void(absl::StatusOr<T>)>;

  // `start`: a serialized AttestationStart.
  void Begin(const std::string& start, const std::string& source_address, Answer<Challenge> answer);
  // `proof`: a serialized AttestationProof. The answer is a serialized AttestationResult.
  void Finish(const std::string& attestation_id, const std::string& proof,
              Answer<std::string> answer);

 private:
  class Calls;
  const ChannelSource channel_;
  const std::shared_ptr<Calls> calls_;
};

}  // namespace omninode::attestor

#endif  // OMNINODE_SERVICES_ATTESTOR_API_BOOTSTRAP_CLIENT_H_
