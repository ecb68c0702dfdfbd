#include "services/attestor/api/attestation_service.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/process_config.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/stream_registry.h"
#include "common/rpc/transport/channel.h"
#include "common/rpc/transport/server.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/telemetry/capturing_sink.h"
#include "omninode/bootstrap/v1/attestation_service.grpc.pb.h"
#include "omninode/bootstrap/v1/identity_service.grpc.pb.h"

namespace omninode::attestor {
namespace {

namespace v1 = bootstrap::v1;

// What main does first.
class TlsEnvironment final : public testing::Environment {
 public:
  void SetUp() override { crypto::ConfigureTlsProcess(); }
};
const testing::Environment* const kTls = testing::AddGlobalTestEnvironment(new TlsEnvironment);

// A bootstrap service that answers as the test says.
class FakeBootstrap final : public v1::IdentityService::Service {
 public:
  grpc::Status BeginAttestation(grpc::ServerContext*, const v1::BeginAttestationRequest* request,
                                v1::BeginAttestationResponse* response) override {
    {
      MutexLock lock(mutex_);  // of two streams at once, where one was left
      begun = *request;
    }
    response->set_attestation_id("attestation-1");
    response->mutable_challenge()->set_challenge("challenge");
    return rpc::ToGrpc(begin_outcome);
  }
  grpc::Status FinishAttestation(grpc::ServerContext*, const v1::FinishAttestationRequest* request,
                                 v1::FinishAttestationResponse* response) override {
    finished = *request;
    response->mutable_result()->mutable_svid()->set_spiffe_id("spiffe://example.org/node/web/w-1");
    return rpc::ToGrpc(finish_outcome);
  }

  absl::Status begin_outcome;
  absl::Status finish_outcome;
  v1::BeginAttestationRequest begun;
  v1::FinishAttestationRequest finished;

 private:
  Mutex mutex_;
};

// The service on loopback between a newcomer and a fake bootstrap service.
class AttestationServiceTest : public testing::Test {
 protected:
  using Stream = grpc::ClientReaderWriter<v1::AttestRequest, v1::AttestResponse>;

  AttestationServiceTest() {
    EXPECT_TRUE(metrics_.Declare(rpc::Guard::Definitions()).ok());
    EXPECT_TRUE(
        metrics_.Declare(telemetry::SecurityLog::Definitions("attestor", rpc::RpcNames())).ok());
    guard_ = std::make_unique<rpc::Guard>(rpc::Guard::Dependencies{.clock = clock_,
                                                                   .trust = trust_,
                                                                   .peers = peers_,
                                                                   .security = security_,
                                                                   .metrics = metrics_,
                                                                   .logger = logger_});
    upstream_server_ = Serve(rpc::ClientCertificate::kRequired, bootstrap_svids_, &bootstrap_);
    upstream_ = NewChannel(upstream_server_->address(), "bootstrap", &svids_);
    client_ = std::make_unique<BootstrapClient>([this] { return upstream_->Get(); });
    service_ = MakeAttestationService({.guard = *guard_,
                                       .streams = streams_,
                                       .clock = clock_,
                                       .bootstrap = *client_,
                                       .failures = failures_});
    server_ = Serve(rpc::ClientCertificate::kNone, svids_, service_.get());
    newcomer_ = NewChannel(server_->address(), "attestor", nullptr);
  }
  ~AttestationServiceTest() override {
    server_->Shutdown(absl::Seconds(5));
    client_ = nullptr;
    upstream_server_->Shutdown(absl::Seconds(5));
  }

  std::unique_ptr<rpc::Server> Serve(rpc::ClientCertificate client,
                                     const identity::SvidSource& svids, grpc::Service* service) {
    return rpc::Server::Start(
               {.address = "127.0.0.1:0",
                .credentials = rpc::MakeServerCredentials(client, svids, trust_, logger_),
                .services = {service}})
        .value();
  }
  std::unique_ptr<rpc::RotatingChannel> NewChannel(const std::string& address,
                                                   std::string_view server,
                                                   const identity::SvidSource* svids) {
    return std::make_unique<rpc::RotatingChannel>(
        rpc::RotatingChannel::Options{.address = address,
                                      .expected = rpc::ExpectService(server),
                                      .svids = svids,
                                      .trust = &trust_,
                                      .clock = &clock_});
  }
  identity::X509SvidPtr Issue(std::string_view path) const {
    return std::make_shared<const identity::X509Svid>(authority_.Issue(path));
  }

  static v1::AttestRequest Start() {
    v1::AttestRequest request;
    request.mutable_start()->mutable_join_token()->set_token_id("t-1");
    request.mutable_start()->set_csr("csr");
    return request;
  }
  static v1::AttestRequest Proof() {
    v1::AttestRequest request;
    request.mutable_proof()->set_signature("signature");
    return request;
  }

  // Runs one stream. `talk` may leave it at any point; the status is the stream's.
  absl::Status Attest(const std::function<void(Stream&)>& talk) {
    const auto stub = v1::AttestationService::NewStub(newcomer_->Get());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
    const auto stream = stub->Attest(&context);
    talk(*stream);
    return rpc::FromGrpc(stream->Finish());
  }
  absl::Status AttestInOrder(v1::AttestResponse* result) {
    return Attest([&](Stream& stream) {
      if (stream.Write(Start()) && stream.Read(result) && stream.Write(Proof())) {
        stream.Read(result);
      }
    });
  }

  const identity::TestAuthority authority_{"example.org", absl::Now()};
  SystemClock clock_;
  identity::StaticTrustSource trust_{authority_.Trust()};
  identity::StaticSvidSource svids_{Issue("/service/attestor/attestor-1")};
  identity::StaticSvidSource bootstrap_svids_{Issue("/service/bootstrap/bootstrap-1")};
  telemetry::CapturingSink sink_;
  telemetry::Logger logger_{"attestor", sink_, [] { return absl::Now(); }};
  telemetry::Metrics metrics_;
  telemetry::SecurityLog security_{logger_, metrics_, rpc::RpcNames()};
  identity::CertificateCache peers_{2};
  rpc::StreamRegistry streams_;
  RateLimit failures_;
  FakeBootstrap bootstrap_;
  std::unique_ptr<rpc::Guard> guard_;
  std::unique_ptr<rpc::Server> upstream_server_;
  std::unique_ptr<rpc::RotatingChannel> upstream_;
  std::unique_ptr<BootstrapClient> client_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::RotatingChannel> newcomer_;
};

TEST_F(AttestationServiceTest, RelaysBothStepsAndEnds) {
  v1::AttestResponse result;
  const absl::Status ended = AttestInOrder(&result);
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_EQ(result.result().svid().spiffe_id(), "spiffe://example.org/node/web/w-1");
  EXPECT_EQ(bootstrap_.begun.start().join_token().token_id(), "t-1");
  EXPECT_EQ(bootstrap_.begun.start().csr(), "csr");
  EXPECT_TRUE(bootstrap_.begun.source_address().starts_with("ipv4:127.0.0.1:"));
  EXPECT_EQ(bootstrap_.finished.attestation_id(), "attestation-1");
  EXPECT_EQ(bootstrap_.finished.proof().signature(), "signature");
}

TEST_F(AttestationServiceTest, TellsTheNewcomerWhatIsWrongWithHisToken) {
  bootstrap_.finish_outcome = Reject(Reason::kTokenUsed, "used");
  v1::AttestResponse result;
  EXPECT_EQ(ReasonOf(AttestInOrder(&result)), Reason::kTokenUsed);
}

TEST_F(AttestationServiceTest, DoesNotTellItsOwnTrouble) {
  bootstrap_.begin_outcome = Reject(Reason::kCertRevoked, "attestor-1 is revoked");
  v1::AttestResponse result;
  const absl::Status ended = AttestInOrder(&result);
  EXPECT_EQ(ReasonOf(ended), Reason::kStoreUnavailable);
  EXPECT_TRUE(RetryAfterOf(ended).has_value());
}

TEST_F(AttestationServiceTest, SaysStoreUnavailableWithoutBootstrap) {
  upstream_server_->Shutdown(absl::ZeroDuration());
  v1::AttestResponse result;
  EXPECT_EQ(ReasonOf(AttestInOrder(&result)), Reason::kStoreUnavailable);
}

TEST_F(AttestationServiceTest, RefusesAProofFirst) {
  const absl::Status ended = Attest([](Stream& stream) { stream.Write(Proof()); });
  EXPECT_EQ(ReasonOf(ended), Reason::kMsgMalformed);
  EXPECT_FALSE(bootstrap_.finished.has_proof());
}

TEST_F(AttestationServiceTest, SlowsDownWhoeverGuesses) {
  bootstrap_.finish_outcome = Reject(Reason::kTokenInvalid, "no such token");
  v1::AttestResponse result;
  for (int i = 0; i < RateLimit::kBurst; ++i) {
    ASSERT_EQ(ReasonOf(AttestInOrder(&result)), Reason::kTokenInvalid) << i;
  }
  // The guesses took some time, in which a failure may have been forgiven.
  for (int i = 0; i < RateLimit::kBurst; ++i) {
    const absl::Status ended = AttestInOrder(&result);
    if (ReasonOf(ended) == Reason::kTokenInvalid) continue;
    EXPECT_EQ(ReasonOf(ended), Reason::kRateLimited) << ended;
    EXPECT_TRUE(RetryAfterOf(ended).has_value());
    return;
  }
  FAIL() << "never limited";
}

TEST_F(AttestationServiceTest, DoesNotCountSuccesses) {
  v1::AttestResponse result;
  for (int i = 0; i < 2 * RateLimit::kBurst; ++i) {
    const absl::Status ended = AttestInOrder(&result);
    ASSERT_TRUE(ended.ok()) << i << ": " << ended;
  }
}

TEST_F(AttestationServiceTest, SurvivesANewcomerWhoLeavesInTheMiddle) {
  const auto stub = v1::AttestationService::NewStub(newcomer_->Get());
  {
    grpc::ClientContext context;
    const auto stream = stub->Attest(&context);
    stream->Write(Start());
    context.TryCancel();
    stream->Finish();
  }
  v1::AttestResponse result;
  EXPECT_TRUE(AttestInOrder(&result).ok());
}

TEST_F(AttestationServiceTest, GivesAStreamTenSeconds) {
  v1::AttestResponse challenge;
  const absl::Status status = Attest([&](Stream& stream) {
    stream.Write(Start());
    stream.Read(&challenge);
    EXPECT_EQ(streams_.size(), 1U);
    EXPECT_EQ(streams_.Sweep(*trust_.Current(), clock_.Now() + kAttestationLife / 2), 0U);
    EXPECT_EQ(streams_.Sweep(*trust_.Current(), clock_.Now() + kAttestationLife), 1U);
  });
  EXPECT_EQ(ReasonOf(status), Reason::kDeadline) << status;
}

}  // namespace
}  // namespace omninode::attestor
