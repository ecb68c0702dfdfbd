#include "common/rpc/transport/channel.h"

#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "common/base/status.h"
#include "common/crypto/key.h"
#include "common/crypto/wipe.h"
#include "common/identity/principal.h"
#include "common/rpc/transport/server_verifier.h"

namespace omninode::rpc {
namespace {

namespace tls = grpc::experimental;

// Judges the server when the handshake is done. Synchronous: calling gRPC's callback inline would
// deadlock.
class ServerVerifier final : public tls::ExternalCertificateVerifier {
 public:
  ServerVerifier(ExpectedPeer expected, const identity::TrustSource& trust, const Clock& clock)
      : expected_(std::move(expected)), trust_(trust), clock_(clock) {}

  bool Verify(tls::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* result) override {
    grpc::string_ref chain = request->peer_cert_full_chain();
    if (chain.empty()) chain = request->peer_cert();
    const absl::Status verdict =
        CheckServer({chain.data(), chain.size()}, expected_, trust_.Current(), clock_.Now());
    if (!verdict.ok()) {
      *result = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, std::string(Message(verdict)));
    }
    return true;
  }
  void Cancel(tls::TlsCustomVerificationCheckRequest*) override {}

 private:
  const ExpectedPeer expected_;
  const identity::TrustSource& trust_;
  const Clock& clock_;
};

grpc::ChannelArguments Arguments(int max_receive_message_bytes) {
  grpc::ChannelArguments arguments;
  // A shared subchannel would go on with the connection of the SVID before.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // Also how long one attempt to connect may take: a handshake on a loaded machine needs seconds.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetMaxReceiveMessageSize(max_receive_message_bytes);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const RotatingChannel::Options& options,
                                                      const identity::X509SvidPtr& svid) {
  tls::TlsChannelCredentialsOptions tls_options;
  if (svid != nullptr) {
    const crypto::SecretString key(svid->key_pem(crypto::SecretAccess::IKnowThisExposesAKey()));
    tls_options.set_certificate_provider(std::make_shared<tls::StaticDataCertificateProvider>(
        std::vector<tls::IdentityKeyCertPair>{{key.value(), svid->chain_pem()}}));
    tls_options.watch_identity_key_cert_pairs();
  }
  // The verifier does it, with the bundle of the moment.
  tls_options.set_verify_server_certs(false);
  tls_options.set_check_call_host(false);
  tls_options.set_certificate_verifier(tls::ExternalCertificateVerifier::Create<ServerVerifier>(
      options.expected, *options.trust, *options.clock));
  return tls::TlsCredentials(tls_options);
}

}  // namespace

ExpectedPeer ExpectService(std::string_view name) {
  return [prefix = fmt::format("/service/{}/", name)](const identity::SpiffeId& id) {
    return id.path().starts_with(prefix) && identity::Principal::From(id).ok();
  };
}

ExpectedPeer ExpectId(identity::SpiffeId id) {
  return
      [expected = std::move(id)](const identity::SpiffeId& actual) { return actual == expected; };
}

RotatingChannel::RotatingChannel(Options options) : options_(std::move(options)) {}
RotatingChannel::~RotatingChannel() = default;

std::shared_ptr<grpc::Channel> RotatingChannel::Get() {
  const identity::X509SvidPtr svid =
      options_.svids == nullptr ? nullptr : options_.svids->Current();
  std::shared_ptr<grpc::Channel> old;  // goes after the lock
  MutexLock lock(mutex_);
  if (channel_ == nullptr || svid != svid_) {
    old = std::exchange(channel_, Make(svid));
    svid_ = svid;
  }
  return channel_;
}

std::shared_ptr<grpc::Channel> RotatingChannel::Make(const identity::X509SvidPtr& svid) const {
  auto channel = grpc::CreateCustomChannel(options_.address, Credentials(options_, svid),
                                           Arguments(options_.max_receive_message_bytes));
  channel->GetState(/*try_to_connect=*/true);
  return channel;
}

std::shared_ptr<grpc::Channel> LocalChannel(const std::string& path) {
  return grpc::CreateCustomChannel("unix:" + path, grpc::InsecureChannelCredentials(),
                                   Arguments(4 * 1024 * 1024));
}

}  // namespace omninode::rpc
