#include "common/rpc/transport/server_credentials.h"

#include <string>
#include <utility>
#include <vector>

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include "common/base/mutex.h"
#include "common/crypto/key.h"
#include "common/crypto/wipe.h"
#include "common/telemetry/log.h"

namespace omninode::rpc {
namespace {

// What one port serves now.
class Port final {
 public:
  Port(const identity::SvidSource& svids, const identity::TrustSource& trust,
       telemetry::Logger& logger)
      : svids_(svids), trust_(trust), logger_(logger) {}

  // gRPC's fetcher: runs at each handshake on a thread of gRPC, so it only compares unless
  // something changed.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<Port*>(self)->FetchChanged(config);
  }

 private:
  grpc_ssl_certificate_config_reload_status FetchChanged(
      grpc_ssl_server_certificate_config** config) {
    identity::X509SvidPtr svid = svids_.Current();
    const identity::TrustStatePtr trust = trust_.Current();
    const auto* bundle = trust == nullptr ? nullptr : trust->bundles.Find(trust->own);
    MutexLock lock(mutex_);
    if (svid == nullptr || bundle == nullptr || bundle->roots().empty()) {
      return svid_ == nullptr ? GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL
                              : GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    if (svid == svid_ && bundle->digest() == bundle_) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    std::string key = svid->key_pem(crypto::SecretAccess::IKnowThisExposesAKey());
    const std::string chain = svid->chain_pem();
    const grpc_ssl_pem_key_cert_pair pair = {key.c_str(), chain.c_str()};
    *config = grpc_ssl_server_certificate_config_create(bundle->ToPem().c_str(), &pair, 1);
    crypto::Wipe(key);
    const bool rotated = svid_ != svid;
    svid_ = std::move(svid);
    bundle_ = bundle->digest();
    if (rotated) {
      logger_.Info("listener_certificate",
                   {{"spiffe_id", svid_->id().ToString()}, {"serial", svid_->leaf().serial_hex()}});
    }
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const identity::SvidSource& svids_;
  const identity::TrustSource& trust_;
  telemetry::Logger& logger_;
  Mutex mutex_;
  identity::X509SvidPtr svid_ ABSL_GUARDED_BY(mutex_);
  crypto::Sha256Digest bundle_ ABSL_GUARDED_BY(mutex_) = {};
};

// gRPC's public C++ API has no credentials that ask for the certificates at each handshake; its C
// API has. This class overrides the one virtual through which a server adds a port.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(ClientCertificate client, const identity::SvidSource& svids,
                       const identity::TrustSource& trust, telemetry::Logger& logger)
      : client_(client), svids_(svids), trust_(trust), logger_(logger) {}

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    const auto request = client_ == ClientCertificate::kRequired
                             ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    ports_.push_back(std::make_unique<Port>(svids_, trust_, logger_));
    grpc_ssl_server_credentials_options* options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(request, &Port::Fetch,
                                                                        ports_.back().get());
    // Takes the options.
    grpc_server_credentials* credentials = grpc_ssl_server_credentials_create_with_options(options);
    const int port = grpc_server_add_http2_port(server, address.c_str(), credentials);
    grpc_server_credentials_release(credentials);
    return port;
  }

  const ClientCertificate client_;
  const identity::SvidSource& svids_;
  const identity::TrustSource& trust_;
  telemetry::Logger& logger_;
  // Each port has its own memory of what it has been given.
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(ClientCertificate client,
                                                               const identity::SvidSource& svids,
                                                               const identity::TrustSource& trust,
                                                               telemetry::Logger& logger) {
  return std::make_shared<ReloadingCredentials>(client, svids, trust, logger);
}

}  // namespace omninode::rpc
