#include "common/crypto/process_config.h"

#include <cstdlib>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "common/crypto/ssl_ptr.h"

// The TLS library itself is asked what it makes of the configuration, as gRPC will ask it.
namespace omninode::crypto {
namespace {

using SslContextPtr = std::unique_ptr<SSL_CTX, SslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, SslFree<SSL_free>>;

EvpKeyPtr MakeKey() { return EvpKeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")); }

X509Ptr MakeCertificate(EVP_PKEY* key) {
  X509Ptr x509(X509_new());
  X509_set_version(x509.get(), X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), key);
  X509_sign(x509.get(), key, EVP_sha256());
  return x509;
}

SslContextPtr MakeServer() {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  const EvpKeyPtr key = MakeKey();
  const X509Ptr certificate = MakeCertificate(key.get());
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate.get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  return context;
}

struct Handshake {
  bool done = false;
  int version = 0;
  int tickets = 0;
};

// Counts the sessions that could be resumed later: TLS 1.3 clients get them from tickets only.
int CountTicket(SSL* ssl, SSL_SESSION* session) {
  if (SSL_SESSION_is_resumable(session) == 1) {
    ++*static_cast<int*>(SSL_get_ex_data(ssl, 0));
  }
  return 0;
}

Handshake Connect(SSL_CTX* server_context, SSL_CTX* client_context) {
  Handshake result;
  const SslPtr server(SSL_new(server_context));
  const SslPtr client(SSL_new(client_context));
  BIO* server_bio = nullptr;
  BIO* client_bio = nullptr;
  EXPECT_EQ(BIO_new_bio_pair(&server_bio, 0, &client_bio, 0), 1);
  SSL_set_bio(server.get(), server_bio, server_bio);
  SSL_set_bio(client.get(), client_bio, client_bio);
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(client.get());
  SSL_set_ex_data(client.get(), 0, &result.tickets);
  for (int round = 0; round < 20; ++round) {
    const int client_done = SSL_do_handshake(client.get());
    const int server_done = SSL_do_handshake(server.get());
    result.done = client_done == 1 && server_done == 1;
  }
  // Tickets come after the handshake and are noticed by a read.
  SSL_write(server.get(), "x", 1);
  char byte = 0;
  SSL_read(client.get(), &byte, 1);
  EXPECT_EQ(byte, result.done ? 'x' : 0);
  result.version = SSL_version(client.get());
  ERR_clear_error();
  return result;
}

SslContextPtr MakeClient(int max_version) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), max_version);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context.get(), &CountTicket);
  return context;
}

TEST(ProcessConfig, SwitchesTicketsOffAndLeavesTls12NoCipher) {
  // Before: the library's default, so that the test sees the difference and not a build option.
  {
    const SslContextPtr server = MakeServer();
    const Handshake before = Connect(server.get(), MakeClient(TLS1_3_VERSION).get());
    ASSERT_TRUE(before.done);
    EXPECT_GT(before.tickets, 0);
  }

  ConfigureTlsProcess();

  const SslContextPtr server = MakeServer();
  EXPECT_NE(SSL_CTX_get_options(server.get()) & SSL_OP_NO_TICKET, 0u);
  EXPECT_EQ(SSL_CTX_get_num_tickets(server.get()), 0u);
  const Handshake tls13 = Connect(server.get(), MakeClient(TLS1_3_VERSION).get());
  EXPECT_TRUE(tls13.done);
  EXPECT_EQ(tls13.version, TLS1_3_VERSION);
  EXPECT_EQ(tls13.tickets, 0);
  EXPECT_TRUE(Connect(server.get(), MakeClient(TLS1_2_VERSION).get()).done)
      << "other listeners keep TLS 1.2";

  // What gRPC does with the variable.
  const char* ciphers = std::getenv("GRPC_SSL_CIPHER_SUITES");
  ASSERT_NE(ciphers, nullptr);
  ASSERT_EQ(SSL_CTX_set_cipher_list(server.get(), ciphers), 1);
  EXPECT_FALSE(Connect(server.get(), MakeClient(TLS1_2_VERSION).get()).done);
  EXPECT_TRUE(Connect(server.get(), MakeClient(TLS1_3_VERSION).get()).done);
}

}  // namespace
}  // namespace omninode::crypto
