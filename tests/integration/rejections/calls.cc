#include "tests/integration/rejections/calls.h"

#include <chrono>
#include <map>
#include <utility>

#include <google/protobuf/message_lite.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "common/crypto/pem.h"
#include "common/crypto/wipe.h"
#include "common/rpc/stream/message_bytes.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace omninode::rejections {
namespace {

namespace tls = grpc::experimental;

class Waiter final {
 public:
  ~Waiter() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  grpc::CompletionQueue* queue() { return &queue_; }
  // Whether the operation that was just begun came to something.
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

 private:
  grpc::CompletionQueue queue_;
};

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

std::shared_ptr<grpc::Channel> Dial(const std::string& address, const Actor* client) {
  tls::TlsChannelCredentialsOptions options;
  if (client != nullptr) {
    const crypto::SecretString key(
        client->key.ToPkcs8Pem(crypto::SecretAccess::IKnowThisExposesAKey()));
    options.set_certificate_provider(
        std::make_shared<tls::StaticDataCertificateProvider>(std::vector<tls::IdentityKeyCertPair>{
            {key.value(), crypto::CertificatesToPem(client->chain_der)}}));
    options.watch_identity_key_cert_pairs();
  }
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<tls::NoOpCertificateVerifier>());
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address, tls::TlsCredentials(options), arguments);
}

RawAnswer CallRaw(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                  std::string_view request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kCallTimeout));
  grpc::GenericStub stub(channel);
  Waiter waiter;
  RawAnswer answer;
  const auto call = stub.PrepareCall(&context, "/" + std::string(method), waiter.queue());
  call->StartCall(nullptr);
  bool alive = waiter.Await();
  if (alive) {
    call->WriteLast(rpc::ToByteBuffer(request), grpc::WriteOptions(), nullptr);
    waiter.Await();  // a server that has heard enough does not take the rest
  }
  grpc::ByteBuffer buffer;
  while (alive) {
    call->Read(&buffer, nullptr);
    alive = waiter.Await();
    if (alive) answer.messages.push_back(BytesOf(buffer));
  }
  call->Finish(&answer.status, nullptr);
  waiter.Await();
  return answer;
}

grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, std::string_view method,
                      const google::protobuf::MessageLite& request,
                      google::protobuf::MessageLite* answer) {
  const RawAnswer raw = CallRaw(channel, method, request.SerializeAsString());
  if (answer != nullptr && raw.status.ok() && !raw.messages.empty() &&
      !answer->ParseFromString(raw.messages.front())) {
    return {grpc::StatusCode::DATA_LOSS, "the answer cannot be read"};
  }
  return raw.status;
}

ErrorDetail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return {};
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (!any.Is<google::rpc::ErrorInfo>() || !any.UnpackTo(&info)) continue;
    if (info.domain() != "omninode") continue;
    ErrorDetail detail{.reason = info.reason()};
    const std::map<std::string, std::string> sorted(info.metadata().begin(), info.metadata().end());
    for (const auto& [key, value] : sorted) detail.metadata += key + "=" + value + " ";
    return detail;
  }
  return {};
}

}  // namespace omninode::rejections
