#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/base/encoding.h"
#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"
#include "common/crypto/csr.h"
#include "common/crypto/process_config.h"
#include "common/enrollment/bootstrap_client.h"
#include "common/identity/static_source.h"
#include "common/rpc/serve/local_listener.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/rpc/transport/channel.h"
#include "common/rpc/transport/server.h"
#include "common/rpc/transport/server_credentials.h"
#include "common/telemetry/capturing_sink.h"
#include "omninode/bootstrap/v1/attestation_service.grpc.pb.h"
#include "omninode/bootstrap/v1/authority_service.grpc.pb.h"
#include "omninode/bootstrap/v1/entry_service.grpc.pb.h"
#include "omninode/bootstrap/v1/identity_service.grpc.pb.h"
#include "services/bootstrap/api/authority_service.h"
#include "services/bootstrap/api/entry_service.h"
#include "services/bootstrap/api/identity_service.h"
#include "services/bootstrap/api/local_identity_service.h"
#include "services/bootstrap/api/trust_service.h"
#include "services/bootstrap/desk/prune.h"
#include "services/bootstrap/setup/network.h"

namespace omninode::bootstrap {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);

// What main does first.
class TlsEnvironment final : public testing::Environment {
 public:
  void SetUp() override { crypto::ConfigureTlsProcess(); }
};
const testing::Environment* const kTls = testing::AddGlobalTestEnvironment(new TlsEnvironment);

// A door for newcomers as simple as can be: it asks the bootstrap service and waits. The real one
// is services/attestor, which this test may not include.
class Door final : public v1::AttestationService::Service {
 public:
  explicit Door(std::function<std::shared_ptr<grpc::Channel>()> upstream)
      : upstream_(std::move(upstream)) {}

  grpc::Status Attest(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::AttestResponse, v1::AttestRequest>* stream) override {
    const auto stub = v1::IdentityService::NewStub(upstream_());
    v1::AttestRequest message;
    v1::AttestResponse answer;
    stream->Read(&message);
    v1::BeginAttestationRequest begin;
    v1::BeginAttestationResponse begun;
    *begin.mutable_start() = message.start();
    grpc::ClientContext begin_context;
    if (auto status = stub->BeginAttestation(&begin_context, begin, &begun); !status.ok()) {
      return status;
    }
    *answer.mutable_challenge() = begun.challenge();
    stream->Write(answer);
    stream->Read(&message);
    v1::FinishAttestationRequest finish;
    v1::FinishAttestationResponse finished;
    finish.set_attestation_id(begun.attestation_id());
    *finish.mutable_proof() = message.proof();
    grpc::ClientContext finish_context;
    if (auto status = stub->FinishAttestation(&finish_context, finish, &finished); !status.ok()) {
      return status;
    }
    *answer.mutable_result() = finished.result();
    stream->Write(answer);
    return grpc::Status::OK;
  }

 private:
  const std::function<std::shared_ptr<grpc::Channel>()> upstream_;
};

// The bootstrap service on loopback: real database, real TLS, real admin socket.
class BootstrapApiTest : public testing::Test {
 protected:
  // Somebody with an identity, and his way to the service.
  struct Member {
    identity::StaticSvidSource svids;
    std::unique_ptr<rpc::RotatingChannel> channel;

    template <typename Service>
    std::unique_ptr<typename Service::Stub> Stub() {
      return Service::NewStub(channel->Get());
    }
    const identity::X509Svid& svid() { return *svids.Current(); }
  };

  void SetUp() override {
    const std::string data_dir = folder_.path() + "/data";
    ASSERT_TRUE(InitializeNetwork({.data_dir = data_dir,
                                   .network_id = NetworkId::Parse("net-1").value(),
                                   .trust_domain = domain_},
                                  clock_.Now())
                    .ok());
    opened_ = std::make_unique<OpenedNetwork>(OpenNetwork(data_dir, clock_.Now()).value());
    BootstrapStore& store = *opened_->store;
    issuer_ = std::make_unique<Issuer>(domain_, opened_->authority.issuer());
    ledger_ = TrustLedger::Create(opened_->authority.bundle(), kLongestLeafLife, store).value();
    entries_ = EntryDesk::Create(
                   {.trust_domain = domain_, .store = store, .ledger = *ledger_, .clock = clock_})
                   .value();
    identities_ = std::make_unique<IdentityDesk>(IdentityDesk::Deps{.issuer = *issuer_,
                                                                    .store = store,
                                                                    .ledger = *ledger_,
                                                                    .entries = *entries_,
                                                                    .clock = clock_});
    revocations_ = std::make_unique<RevocationDesk>(RevocationDesk::Deps{.trust_domain = domain_,
                                                                         .store = store,
                                                                         .ledger = *ledger_,
                                                                         .acknowledgements = acks_,
                                                                         .clock = clock_});
    own_.Set(IssueDirectly("/service/bootstrap/bootstrap-1"));
    ASSERT_TRUE(metrics_.Declare(rpc::Guard::Definitions()).ok());
    ASSERT_TRUE(
        metrics_.Declare(telemetry::SecurityLog::Definitions("bootstrap", rpc::RpcNames())).ok());
    guard_ = std::make_unique<rpc::Guard>(rpc::Guard::Dependencies{.clock = clock_,
                                                                   .trust = *ledger_,
                                                                   .peers = peers_,
                                                                   .security = security_,
                                                                   .metrics = metrics_,
                                                                   .logger = logger_,
                                                                   .local_peers = &local_peers_});
    broadcast_ = std::make_unique<TrustBroadcast>(*ledger_, network_);
    services_.push_back(MakeIdentityService({*guard_, *identities_, network_, logger_}));
    services_.push_back(
        MakeTrustService({*guard_, streams_, clock_, *broadcast_, network_, acks_}));
    services_.push_back(MakeAuthorityService({*guard_, *revocations_, logger_}));
    services_.push_back(MakeEntryService({*guard_, *entries_, *ledger_, network_, logger_}));
    sweeper_ = std::make_unique<rpc::StreamSweeper>(streams_, *ledger_, clock_);
    server_ =
        Serve(rpc::ClientCertificate::kRequired, own_,
              {services_[0].get(), services_[1].get(), services_[2].get(), services_[3].get()});
    StartAdminSocket();
    StartDoor();
    network_.Store(std::make_shared<const NetworkMap>(NetworkMap{NetworkId::Parse("net-1").value(),
                                                                 domain_,
                                                                 {server_->address()},
                                                                 {"127.0.0.1:7110"},
                                                                 door_server_->address()}));
  }

  void TearDown() override {
    listener_ = nullptr;
    acks_.Close();
    streams_.EndAll(Reject(Reason::kShuttingDown, "the test is over"));
    door_server_->Shutdown(kTimeout);
    server_->Shutdown(kTimeout);
    admin_server_->Shutdown(kTimeout);
  }

  std::unique_ptr<rpc::Server> Serve(rpc::ClientCertificate client, identity::SvidSource& svids,
                                     std::vector<grpc::Service*> services) {
    return rpc::Server::Start(
               {.address = "127.0.0.1:0",
                .credentials = rpc::MakeServerCredentials(client, svids, *ledger_, logger_),
                .services = std::move(services)})
        .value();
  }

  void StartAdminSocket() {
    local_service_ = MakeLocalIdentityService({*guard_, *identities_, network_, logger_});
    admin_server_ = rpc::Server::Start({.address = "", .services = {local_service_.get()}}).value();
    listener_ =
        rpc::LocalListener::Listen(socket_, admin_server_->grpc(), local_peers_, logger_).value();
  }

  void StartDoor() {
    attestor_ = MemberOf(IssueDirectly("/service/attestor/attestor-1"));
    door_ = std::make_unique<Door>([this] { return attestor_->channel->Get(); });
    door_server_ = Serve(rpc::ClientCertificate::kNone, attestor_->svids, {door_.get()});
  }

  std::string Text(std::string_view path) const { return domain_.ToId() + std::string(path); }
  static crypto::PrivateKey NewKey() {
    return crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  }

  identity::X509SvidPtr IssueDirectly(std::string_view path) {
    const auto key = NewKey();
    const auto issued =
        identities_->IssueLocal(Text(path), crypto::MakeCsr(key), std::nullopt, "test").value();
    return std::make_shared<const identity::X509Svid>(
        identity::X509Svid::Create({issued.svid.leaf}, key).value());
  }
  std::unique_ptr<Member> MemberOf(identity::X509SvidPtr svid) {
    auto member = std::make_unique<Member>();
    member->svids.Set(std::move(svid));
    member->channel = std::make_unique<rpc::RotatingChannel>(
        rpc::RotatingChannel::Options{.address = server_->address(),
                                      .expected = rpc::ExpectService("bootstrap"),
                                      .svids = &member->svids,
                                      .trust = ledger_.get(),
                                      .clock = &clock_});
    return member;
  }
  std::unique_ptr<Member> NewMember(std::string_view path) { return MemberOf(IssueDirectly(path)); }

  // Makes an entry and a token for `path`, as an administrator over the API.
  enrollment::TokenFile NewToken(Member& admin, std::string_view path) {
    const auto stub = admin.Stub<v1::EntryService>();
    v1::CreateEntryRequest entry;
    entry.mutable_entry()->set_spiffe_id_pattern(Text(path));
    entry.mutable_entry()->mutable_svid_ttl()->set_seconds(3600);
    v1::CreateEntryResponse entry_made;
    grpc::ClientContext entry_context;
    const auto first = stub->CreateEntry(&entry_context, entry, &entry_made);
    EXPECT_TRUE(first.ok()) << first.error_message();
    v1::CreateJoinTokenRequest request;
    request.set_spiffe_id(Text(path));
    v1::CreateJoinTokenResponse made;
    grpc::ClientContext context;
    const auto status = stub->CreateJoinToken(&context, request, &made);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<crypto::Certificate> roots;
    for (const auto& der : made.x509_authorities()) {
      roots.push_back(crypto::Certificate::FromDer(der).value());
    }
    return {.attestor_address = made.attestor_address(),
            .bundle = identity::TrustBundle::Create(
                          identity::TrustDomain::Parse(made.trust_domain()).value(), roots)
                          .value(),
            .token_id = made.token_id(),
            .token = made.token(),
            .spiffe_id = request.spiffe_id(),
            .expires_at = ""};
  }

  absl::StatusOr<v1::RevokeSvidResponse> Revoke(Member& admin, const std::string& serial,
                                                absl::Duration wait = absl::Seconds(5)) {
    v1::RevokeSvidRequest request;
    request.set_serial(serial);
    request.set_reason_text("stolen");
    request.mutable_wait()->set_seconds(absl::ToInt64Seconds(wait));
    v1::RevokeSvidResponse response;
    grpc::ClientContext context;
    const auto status =
        admin.Stub<v1::AuthorityService>()->RevokeSvid(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpc(status);
    return response;
  }

  const identity::TrustDomain domain_ = identity::TrustDomain::Parse("example.org").value();
  const config::TestFolder folder_;
  const std::string socket_ = folder_.path() + "/admin/admin.sock";
  SystemClock clock_;
  telemetry::CapturingSink sink_;
  telemetry::Logger logger_{"bootstrap", sink_, [] { return absl::Now(); }};
  telemetry::Metrics metrics_;
  telemetry::SecurityLog security_{logger_, metrics_, rpc::RpcNames()};
  identity::CertificateCache peers_{1024};
  rpc::LocalPeerTable local_peers_;
  std::unique_ptr<OpenedNetwork> opened_;
  std::unique_ptr<Issuer> issuer_;
  Acknowledgements acks_;
  std::unique_ptr<TrustLedger> ledger_;
  std::unique_ptr<EntryDesk> entries_;
  std::unique_ptr<IdentityDesk> identities_;
  std::unique_ptr<RevocationDesk> revocations_;
  NetworkMapSource network_{std::make_shared<const NetworkMap>(
      NetworkMap{NetworkId::Parse("net-1").value(), domain_, {"127.0.0.1:1"}, {}, ""})};
  identity::StaticSvidSource own_;
  std::unique_ptr<rpc::Guard> guard_;
  rpc::StreamRegistry streams_;
  std::unique_ptr<TrustBroadcast> broadcast_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Service> local_service_;
  std::unique_ptr<rpc::StreamSweeper> sweeper_;
  std::unique_ptr<Member> attestor_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<rpc::Server> admin_server_;
  std::unique_ptr<rpc::Server> door_server_;
  std::unique_ptr<rpc::LocalListener> listener_;
};

// Follows the trust on a thread and acknowledges like a member does, or does not.
class Follower final {
 public:
  Follower(std::shared_ptr<grpc::Channel> channel, const Clock& clock, bool acknowledges)
      : thread_([this, channel, &clock, acknowledges] {
          const absl::Status ended =
              enrollment::WatchTrust(channel, &context_, 0, clock, [&](enrollment::TrustWord word) {
                if (word.trust.has_value() && acknowledges) {
                  OMNI_RETURN_IF_ERROR(enrollment::AckTrust(channel, word.sequence, kTimeout));
                }
                MutexLock lock(mutex_);
                ++words_;
                sequence_ = word.sequence;
                changed_.NotifyAll();
                return absl::OkStatus();
              });
          MutexLock lock(mutex_);
          ended_ = ended;
          changed_.NotifyAll();
        }) {}
  ~Follower() {
    context_.TryCancel();
    thread_.join();
  }

  // Whether the sequence was reached in time.
  bool Reaches(std::uint64_t sequence) {
    return Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return sequence_ >= sequence; });
  }
  bool HearsWords(int words) {
    return Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return words_ >= words; });
  }
  // The status the stream ended with; nullopt when it did not in time.
  std::optional<absl::Status> End() {
    Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_.has_value(); });
    MutexLock lock(mutex_);
    return ended_;
  }

 private:
  template <typename Condition>
  bool Await(Condition condition) {
    MutexLock lock(mutex_);
    const absl::Time deadline = absl::Now() + kTimeout;
    while (!condition() && absl::Now() < deadline) {
      changed_.WaitFor(mutex_, deadline - absl::Now());
    }
    return condition();
  }

  grpc::ClientContext context_;
  Mutex mutex_;
  CondVar changed_;
  int words_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

TEST_F(BootstrapApiTest, IssuesFirstIdentitiesOverTheAdminSocket) {
  const auto key = NewKey();
  const auto first = enrollment::IssueLocally(socket_, Text("/service/registry/registry-1"), key,
                                              absl::Minutes(5), clock_, kTimeout);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->svid.id().path(), "/service/registry/registry-1");
  EXPECT_LE(first->svid.not_after(), absl::Now() + absl::Minutes(5));
  EXPECT_EQ(first->trust.network.bootstrap_addresses, std::vector<std::string>{server_->address()});
  EXPECT_TRUE(sink_.Contains(R"("event":"svid_issued")"));
  EXPECT_TRUE(sink_.Contains(fmt::format(R"("actor":"uid:{}")", ::getuid())));
}

TEST_F(BootstrapApiTest, RefusesANodeAtTheAdminSocket) {
  const auto first = enrollment::IssueLocally(socket_, Text("/node/web/w-1"), NewKey(),
                                              std::nullopt, clock_, kTimeout);
  EXPECT_EQ(ReasonOf(first.status()), Reason::kSpiffeIdInvalid) << first.status();
}

TEST_F(BootstrapApiTest, ATokenBecomesAnIdentityOnce) {
  const auto admin = NewMember("/admin/root");
  const auto token = NewToken(*admin, "/node/web/w-1");
  const auto joined = enrollment::AttestWithToken(token, NewKey(), clock_, kTimeout);
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->svid.id().path(), "/node/web/w-1");
  EXPECT_EQ(joined->trust.trust->sequence, ledger_->Current()->sequence);
  const auto again = enrollment::AttestWithToken(token, NewKey(), clock_, kTimeout);
  EXPECT_EQ(ReasonOf(again.status()), Reason::kTokenUsed) << again.status();
}

TEST_F(BootstrapApiTest, ARaceForATokenHasOneWinner) {
  constexpr int kRunners = 16;
  const auto admin = NewMember("/admin/root");
  const auto token = NewToken(*admin, "/node/web/w-1");
  std::vector<absl::Status> outcomes(kRunners);
  std::vector<std::thread> runners;
  for (absl::Status& outcome : outcomes) {
    runners.emplace_back(
        [&] { outcome = enrollment::AttestWithToken(token, NewKey(), clock_, kTimeout).status(); });
  }
  for (std::thread& runner : runners) runner.join();
  int winners = 0;
  for (const absl::Status& outcome : outcomes) {
    winners += outcome.ok();
    EXPECT_TRUE(outcome.ok() || ReasonOf(outcome) == Reason::kTokenUsed) << outcome;
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(BootstrapApiTest, ATokenIsForOneIdentity) {
  const auto admin = NewMember("/admin/root");
  auto token = NewToken(*admin, "/node/web/w-1");
  token.spiffe_id = Text("/node/web/w-2");
  const auto joined = enrollment::AttestWithToken(token, NewKey(), clock_, kTimeout);
  EXPECT_EQ(ReasonOf(joined.status()), Reason::kTokenBinding) << joined.status();
}

TEST_F(BootstrapApiTest, AForgedTokenIsNoToken) {
  const auto admin = NewMember("/admin/root");
  auto token = NewToken(*admin, "/node/web/w-1");
  token.token[0] = static_cast<char>(token.token[0] ^ 1);
  const auto joined = enrollment::AttestWithToken(token, NewKey(), clock_, kTimeout);
  EXPECT_EQ(ReasonOf(joined.status()), Reason::kTokenInvalid) << joined.status();
}

TEST_F(BootstrapApiTest, OnlyAttestorsRelay) {
  const auto node = NewMember("/service/registry/registry-1");
  v1::BeginAttestationResponse response;
  grpc::ClientContext context;
  const auto status = node->Stub<v1::IdentityService>()->BeginAttestation(&context, {}, &response);
  EXPECT_EQ(ReasonOf(rpc::FromGrpc(status)), Reason::kRoleRequired);
}

TEST_F(BootstrapApiTest, OnlyAdministratorsMakeTokens) {
  const auto service = NewMember("/service/registry/registry-1");
  v1::CreateJoinTokenResponse response;
  grpc::ClientContext context;
  const auto status = service->Stub<v1::EntryService>()->CreateJoinToken(&context, {}, &response);
  EXPECT_EQ(ReasonOf(rpc::FromGrpc(status)), Reason::kRoleRequired);
}

TEST_F(BootstrapApiTest, NoSecretOfATokenIsLogged) {
  const auto admin = NewMember("/admin/root");
  const auto token = NewToken(*admin, "/node/web/w-1");
  ASSERT_TRUE(sink_.Contains(token.token_id));
  EXPECT_FALSE(sink_.Contains(token.token));
  EXPECT_FALSE(sink_.Contains(Base64Encode(token.token)));
  EXPECT_FALSE(sink_.Contains(HexEncode(token.token)));
}

TEST_F(BootstrapApiTest, RenewsOwnIdentityOnly) {
  const auto member = NewMember("/service/registry/registry-1");
  const auto renewed = enrollment::RenewSvid(member->channel->Get(), NewKey(), kTimeout);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_EQ(renewed->id(), member->svid().id());
  EXPECT_NE(renewed->leaf().serial_hex(), member->svid().leaf().serial_hex());
}

TEST_F(BootstrapApiTest, FollowersHearChangesAndThatNothingChanged) {
  const auto member = NewMember("/service/registry/registry-1");
  Follower follower(member->channel->Get(), clock_, true);
  const std::uint64_t sequence = ledger_->Current()->sequence;
  ASSERT_TRUE(follower.Reaches(sequence));
  const auto admin = NewMember("/admin/root");
  const auto victim = IssueDirectly("/service/registry/registry-9");
  ASSERT_TRUE(Revoke(*admin, victim->leaf().serial_hex()).ok());
  EXPECT_TRUE(follower.Reaches(sequence + 1));
  EXPECT_TRUE(follower.HearsWords(3)) << "no keep-alive came";
}

TEST_F(BootstrapApiTest, ARevocationSaysWhoAppliedIt) {
  const auto quick = NewMember("/service/registry/registry-1");
  const auto slow = NewMember("/service/registry/registry-2");
  Follower follower(quick->channel->Get(), clock_, true);
  Follower lagger(slow->channel->Get(), clock_, false);
  const std::uint64_t sequence = ledger_->Current()->sequence;
  ASSERT_TRUE(follower.Reaches(sequence));
  ASSERT_TRUE(lagger.Reaches(sequence));
  const auto admin = NewMember("/admin/root");
  const auto victim = IssueDirectly("/service/registry/registry-9");
  const auto revoked = Revoke(*admin, victim->leaf().serial_hex(), absl::Seconds(2));
  ASSERT_TRUE(revoked.ok()) << revoked.status();
  EXPECT_EQ(revoked->spiffe_id(), Text("/service/registry/registry-9"));
  EXPECT_EQ(revoked->propagation().sequence(), sequence + 1);
  ASSERT_EQ(revoked->propagation().applied_size(), 1);
  EXPECT_EQ(revoked->propagation().applied(0), Text("/service/registry/registry-1"));
  ASSERT_EQ(revoked->propagation().lagging_size(), 1);
  EXPECT_EQ(revoked->propagation().lagging(0), Text("/service/registry/registry-2"));
}

TEST_F(BootstrapApiTest, TheRevokedLoseTheirStreamAndTheirCalls) {
  const auto member = NewMember("/service/registry/registry-1");
  Follower follower(member->channel->Get(), clock_, true);
  ASSERT_TRUE(follower.Reaches(ledger_->Current()->sequence));
  const auto admin = NewMember("/admin/root");
  ASSERT_TRUE(Revoke(*admin, member->svid().leaf().serial_hex(), absl::ZeroDuration()).ok());
  const auto end = follower.End();
  ASSERT_TRUE(end.has_value()) << "the stream is still open";
  EXPECT_EQ(ReasonOf(*end), Reason::kCertRevoked) << *end;
  const auto renewed = enrollment::RenewSvid(member->channel->Get(), NewKey(), kTimeout);
  EXPECT_EQ(ReasonOf(renewed.status()), Reason::kCertRevoked) << renewed.status();
}

TEST_F(BootstrapApiTest, WhoIsGoneIsNoFollower) {
  const auto member = NewMember("/service/registry/registry-1");
  {
    Follower follower(member->channel->Get(), clock_, true);
    ASSERT_TRUE(follower.Reaches(ledger_->Current()->sequence));
    EXPECT_EQ(broadcast_->followers(), 1U);
  }
  const absl::Time deadline = absl::Now() + kTimeout;
  while (broadcast_->followers() != 0 && absl::Now() < deadline) std::this_thread::yield();
  EXPECT_EQ(broadcast_->followers(), 0U);
}

TEST_F(BootstrapApiTest, RefusesASerialThatWasNeverIssued) {
  const auto admin = NewMember("/admin/root");
  EXPECT_EQ(ReasonOf(Revoke(*admin, "00ff").status()), Reason::kObjectUnknown);
}

}  // namespace
}  // namespace omninode::bootstrap
