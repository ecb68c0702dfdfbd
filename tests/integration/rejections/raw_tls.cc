#include "tests/integration/rejections/raw_tls.h"

#include <array>
#include <cerrno>
#include <memory>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "common/base/status.h"
#include "common/config/file_descriptor.h"
#include "common/config/host_port.h"
#include "common/crypto/wipe.h"

namespace omninode::rejections {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Free<SSL_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;

int CountSession(SSL* ssl, SSL_SESSION*) {
  ++*static_cast<int*>(SSL_get_app_data(ssl));
  return 0;  // not kept
}

ContextPtr MakeContext(const Actor& client) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2.data(), kHttp2.size());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context.get(), CountSession);
  const std::string& der = client.chain_der.front();
  SSL_CTX_use_certificate_ASN1(context.get(), static_cast<int>(der.size()),
                               reinterpret_cast<const unsigned char*>(der.data()));
  const crypto::SecretString pem(
      client.key.ToPkcs8Pem(crypto::SecretAccess::IKnowThisExposesAKey()));
  const BioPtr bio(BIO_new_mem_buf(pem.value().data(), static_cast<int>(pem.value().size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  return context;
}

absl::StatusOr<config::FileDescriptor> Connect(const std::string& address, absl::Duration timeout) {
  OMNI_ASSIGN_OR_RETURN(const auto to, config::HostPort::Parse(address));
  config::FileDescriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit = absl::ToTimeval(timeout);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  sockaddr_in target = {};
  target.sin_family = AF_INET;
  target.sin_port = htons(to.port());
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&target), sizeof(target)) != 0) {
    return config::ErrnoStatus(errno, address);
  }
  return fd;
}

}  // namespace

absl::StatusOr<TlsAnswer> TalkTls(const std::string& address, const Actor& client,
                                  std::string_view request, std::string_view until,
                                  absl::Duration timeout) {
  OMNI_ASSIGN_OR_RETURN(const auto fd, Connect(address, timeout));
  const ContextPtr context = MakeContext(client);
  const SslPtr ssl(SSL_new(context.get()));
  TlsAnswer answer;
  SSL_set_app_data(ssl.get(), &answer.sessions);
  SSL_set_fd(ssl.get(), fd.get());
  if (SSL_connect(ssl.get()) != 1 ||
      SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())) <= 0) {
    return absl::UnavailableError("the TLS handshake failed");
  }
  std::array<char, 4096> buffer;
  while (answer.bytes.find(until) == std::string::npos) {
    const int size = SSL_read(ssl.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    answer.bytes.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return answer;
}

std::string Http2Preface() {
  // An empty SETTINGS frame: no length, type 4, no flags, stream 0.
  constexpr std::string_view kSettings("\0\0\0\x04\0\0\0\0\0", 9);
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + std::string(kSettings);
}

}  // namespace omninode::rejections
