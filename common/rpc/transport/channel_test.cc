#include "common/rpc/transport/channel.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/pem.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/testing/loopback.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/rpc/transport/server_verifier.h"

// Credentials and channels: what a handshake accepts, and what a rotation does to it.
namespace omninode::rpc {
namespace {

namespace v1 = omninode::registry::v1;

TEST(RotationTest, NoCallFailsWhileServerAndClientRotate) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  constexpr int kRotations = 25;
  constexpr int kCallsBetween = 4;
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  std::thread caller([&] {
    while (!stop) {
      if (const absl::Status status = client->GetNode(); !status.ok()) {
        ADD_FAILURE() << status;
        ++failed;
      }
      ++calls;
    }
  });
  for (int i = 0; i < kRotations; ++i) {
    loopback.server_svids.Set(loopback.Issue("/service/registry/registry-1"));
    client->svids.Set(loopback.Issue("/node/cache/c1"));
    const int until = calls + kCallsBetween;
    while (calls < until) std::this_thread::yield();
  }
  stop = true;
  caller.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GE(loopback.peers.stats().misses, 10u) << "the new certificates were never shown";
}

TEST(RotationTest, AnOpenStreamSurvivesTheRotation) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  grpc::ClientContext context;
  const auto stub = client->Topology();
  const auto stream = stub->WatchTopology(&context, {});
  v1::WatchTopologyResponse message;
  ASSERT_TRUE(stream->Read(&message));
  const auto before = client->channel->Get();
  client->svids.Set(loopback.Issue("/node/cache/c1"));
  loopback.server_svids.Set(loopback.Issue("/service/registry/registry-1"));
  EXPECT_NE(client->channel->Get(), before);
  EXPECT_TRUE(client->GetNode().ok());
  EXPECT_EQ(loopback.streams.size(), 1u);
  loopback.streams.EndAll(absl::OkStatus());
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(RotationTest, TheSameSvidGivesTheSameChannel) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  EXPECT_EQ(client->channel->Get(), client->channel->Get());
}

TEST(RotationTest, AServerWithoutUsableTrustKeepsTheLastGoodCertificates) {
  Loopback loopback;
  identity::StaticTrustSource listener_trust{loopback.authority.Trust()};
  ServerOptions options;
  options.credentials = MakeServerCredentials(ClientCertificate::kRequired, loopback.server_svids,
                                              listener_trust, loopback.logger);
  loopback.Start(options);
  EXPECT_TRUE(loopback.NewClient("/node/cache/c1")->GetNode().ok());
  listener_trust.Set(std::make_shared<const identity::TrustState>(
      identity::TrustState{.own = loopback.authority.trust_domain(), .sequence = 2}));
  EXPECT_TRUE(loopback.NewClient("/node/cache/c2")->GetNode().ok());
}

TEST(RotationTest, AChannelRefusesAServerItDoesNotExpect) {
  Loopback loopback;
  loopback.Start();
  const identity::X509Svid svid = loopback.authority.Issue("/node/cache/c1");
  const auto registry = loopback.authority.Id("/service/registry/registry-1");
  EXPECT_TRUE(loopback.NewClient(svid, ExpectId(registry))->GetNode().ok());
  EXPECT_TRUE(absl::IsUnavailable(
      loopback.NewClient(svid, ExpectId(loopback.authority.Id("/service/registry/registry-2")))
          ->GetNode()));
  EXPECT_TRUE(absl::IsUnavailable(loopback.NewClient(svid, ExpectService("bootstrap"))->GetNode()));
}

TEST(RotationTest, AnAttestorAsksForNoCertificate) {
  Loopback loopback;
  ServerOptions options;
  options.credentials = MakeServerCredentials(ClientCertificate::kNone, loopback.server_svids,
                                              loopback.trust, loopback.logger);
  loopback.Start(options);
  RotatingChannel channel({.address = loopback.server->address(),
                           .expected = ExpectService("registry"),
                           .trust = &loopback.trust,
                           .clock = &loopback.clock});
  grpc::ClientContext context;
  v1::GetNodeResponse response;
  const grpc::Status status =
      v1::RegistryService::NewStub(channel.Get())->GetNode(&context, {}, &response);
  EXPECT_EQ(ReasonOf(FromGrpc(status)), Reason::kIdentityMissing) << status.error_message();
}

class CheckServerTest : public testing::Test {
 protected:
  absl::Status Check(const identity::X509Svid& svid, const identity::TrustStatePtr& trust) const {
    return CheckServer(svid.chain_pem(), ExpectService("registry"), trust,
                       identity::TestAuthority::DefaultNow());
  }
  const identity::TestAuthority own_{"example.org"};
  const identity::TestAuthority foreign_{"other.org"};
};

TEST_F(CheckServerTest, BelievesTheExpectedServiceOfTheOwnDomainOnly) {
  const auto both = own_.Trust(1, {}, {foreign_.bundle()});
  EXPECT_TRUE(Check(own_.Issue("/service/registry/r1"), both).ok());
  EXPECT_EQ(ReasonOf(Check(own_.Issue("/service/registryx/r1"), both)), Reason::kIdentityMismatch);
  EXPECT_EQ(ReasonOf(Check(own_.Issue("/service/registry/a/b"), both)), Reason::kIdentityMismatch);
  EXPECT_EQ(ReasonOf(Check(own_.Issue("/node/service/registry"), both)), Reason::kIdentityMismatch);
  EXPECT_EQ(ReasonOf(Check(foreign_.Issue("/service/registry/r1"), both)), Reason::kTdMismatch);
  EXPECT_EQ(ReasonOf(Check(foreign_.Issue("spiffe://example.org/service/registry/r1"), both)),
            Reason::kCertUntrusted);
}

TEST_F(CheckServerTest, BelievesNobodyWithoutTrustOrCertificates) {
  EXPECT_EQ(ReasonOf(Check(own_.Issue("/service/registry/r1"), nullptr)), Reason::kTrustStale);
  EXPECT_EQ(ReasonOf(CheckServer("", ExpectService("registry"), own_.Trust(), absl::Now())),
            Reason::kCertProfile);
}

TEST_F(CheckServerTest, RefusesARevokedServer) {
  const identity::X509Svid svid = own_.Issue("/service/registry/r1");
  const auto revoked =
      identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {}).value();
  EXPECT_EQ(ReasonOf(Check(svid, own_.Trust(2, revoked))), Reason::kCertRevoked);
}

// A bare TLS client, for what gRPC's own would not try.
class RawTls final {
 public:
  RawTls(const Loopback& loopback, int max_version) : context_(SSL_CTX_new(TLS_client_method())) {
    const identity::X509Svid svid = loopback.authority.Issue("/node/cache/c1");
    UsePem(svid.chain_pem(), svid.key_pem(crypto::SecretAccess::IKnowThisExposesAKey()));
    SSL_CTX_set_max_proto_version(context_, max_version);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_set_app_data(context_, this);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION*) {
      ++static_cast<RawTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->tickets;
      return 0;
    });
    const unsigned char h2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context_, h2, sizeof(h2));
    connection_ = BIO_new_ssl_connect(context_);
    BIO_set_conn_hostname(connection_, loopback.server->address().c_str());
  }
  ~RawTls() {
    BIO_free_all(connection_);
    SSL_CTX_free(context_);
  }
  bool Connect() { return BIO_do_connect(connection_) == 1 && BIO_do_handshake(connection_) == 1; }
  // The server's first HTTP/2 frame; it comes after all handshake messages.
  bool ReadFirstFrame() {
    char buffer[64];
    return BIO_read(connection_, buffer, sizeof(buffer)) > 0;
  }
  int tickets = 0;

 private:
  void UsePem(const std::string& chain, const std::string& key) {
    const std::string der = crypto::CertificatesFromPem(chain).value().front();
    SSL_CTX_use_certificate_ASN1(context_, static_cast<int>(der.size()),
                                 reinterpret_cast<const unsigned char*>(der.data()));
    const std::string key_der = crypto::ParsePem(key).value().front().der;
    BIO* bytes = BIO_new_mem_buf(key_der.data(), static_cast<int>(key_der.size()));
    EVP_PKEY* parsed = d2i_PrivateKey_bio(bytes, nullptr);
    SSL_CTX_use_PrivateKey(context_, parsed);
    EVP_PKEY_free(parsed);
    BIO_free(bytes);
  }
  SSL_CTX* context_;
  BIO* connection_;
};

TEST(TlsProcessTest, SpeaksTls13WithoutTickets) {
  Loopback loopback;
  loopback.Start();
  RawTls client(loopback, TLS1_3_VERSION);
  ASSERT_TRUE(client.Connect());
  ASSERT_TRUE(client.ReadFirstFrame());
  EXPECT_EQ(client.tickets, 0);
}

TEST(TlsProcessTest, RefusesTls12) {
  Loopback loopback;
  loopback.Start();
  EXPECT_FALSE(RawTls(loopback, TLS1_2_VERSION).Connect());
}

}  // namespace
}  // namespace omninode::rpc
