#include "common/rpc/serve/guard.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/pem.h"
#include "common/identity/revocations.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/testing/loopback.h"

namespace omninode::rpc {
namespace {

namespace v1 = omninode::registry::v1;

constexpr char kGetNode[] = "omninode.registry.v1.RegistryService/GetNode";

class GuardTest : public testing::Test {
 protected:
  // The value of a counter in the metrics' text, 0 when the line is not there.
  static double Value(Loopback& loopback, const std::string& series) {
    const std::string text = loopback.metrics.Render();
    const std::size_t at = text.find(series + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size()));
  }
  static double Calls(Loopback& loopback, std::string_view rpc, std::string_view code) {
    return Value(loopback, fmt::format("omninode_rpc_total{{code=\"{}\",rpc=\"{}\"}}", code, rpc));
  }
  // A raw channel that shows any certificate, however wrong.
  static grpc::Status CallWith(Loopback& loopback, const std::string& chain_pem,
                               const std::string& key_pem) {
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    auto channel = grpc::CreateCustomChannel(
        loopback.server->address(),
        grpc::SslCredentials({loopback.authority.bundle().ToPem(), key_pem, chain_pem}), arguments);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    v1::GetNodeResponse response;
    return v1::RegistryService::NewStub(channel)->GetNode(&context, v1::GetNodeRequest(),
                                                          &response);
  }
};

TEST_F(GuardTest, AHandlerSeesTheIdentityOfTheConnection) {
  Loopback loopback;
  loopback.Start();
  loopback.handlers.get_node = [](const Caller& caller, const std::string&) {
    EXPECT_TRUE(caller.address.starts_with("ipv4:127.0.0.1:")) << caller.address;
    EXPECT_EQ(caller.principal().kind(), identity::Principal::Kind::kNode);
    EXPECT_EQ(caller.trust_sequence, 1u);
    return absl::OkStatus();
  };
  std::string actor;
  auto client = loopback.NewClient("/ns/tenant-a/node/cache/c1");
  EXPECT_TRUE(client->GetNode(&actor).ok());
  EXPECT_EQ(actor, "spiffe://example.org/ns/tenant-a/node/cache/c1");
  EXPECT_EQ(Calls(loopback, kGetNode, "OK"), 1);
  EXPECT_EQ(loopback.peers.stats().misses, 1u);

  EXPECT_TRUE(client->GetNode().ok());
  EXPECT_EQ(loopback.peers.stats().misses, 1u) << "the certificate was parsed again";
  EXPECT_EQ(loopback.guard.in_flight(Limiter::kData), 0);
}

TEST_F(GuardTest, RefusesARoleThatIsNotInTheRow) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/agent/host-1");
  grpc::ClientContext context;
  bootstrap::v1::DeleteEntryResponse response;
  const absl::Status status =
      FromGrpc(bootstrap::v1::EntryService::NewStub(client->channel->Get())
                   ->DeleteEntry(&context, bootstrap::v1::DeleteEntryRequest(), &response));
  EXPECT_EQ(ReasonOf(status), Reason::kRoleRequired);
  EXPECT_EQ(Calls(loopback, "omninode.bootstrap.v1.EntryService/DeleteEntry", "PERMISSION_DENIED"),
            1);
  EXPECT_TRUE(loopback.sink.Contains("\"reason\":\"ROLE_REQUIRED\""));
  EXPECT_TRUE(loopback.sink.Contains("spiffe://example.org/agent/host-1"));
}

TEST_F(GuardTest, AnAdminCallLeavesAnAuditLine) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/admin/ann");
  grpc::ClientContext context;
  bootstrap::v1::DeleteEntryResponse response;
  EXPECT_TRUE(bootstrap::v1::EntryService::NewStub(client->channel->Get())
                  ->DeleteEntry(&context, bootstrap::v1::DeleteEntryRequest(), &response)
                  .ok());
  EXPECT_TRUE(loopback.sink.Contains("\"event\":\"audit\""));
  EXPECT_TRUE(loopback.sink.Contains("spiffe://example.org/admin/ann"));
}

TEST_F(GuardTest, AMethodWithoutARowIsRefusedAndCounted) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/admin/ann");
  grpc::ClientContext context;
  bootstrap::v1::GetEntryResponse response;
  const absl::Status status =
      FromGrpc(bootstrap::v1::EntryService::NewStub(client->channel->Get())
                   ->GetEntry(&context, bootstrap::v1::GetEntryRequest(), &response));
  EXPECT_EQ(ReasonOf(status), Reason::kRoleRequired);
  EXPECT_EQ(Calls(loopback, "other", "PERMISSION_DENIED"), 1);
}

TEST_F(GuardTest, RefusesAnIdentityWithoutARole) {
  Loopback loopback;
  loopback.Start();
  EXPECT_EQ(ReasonOf(loopback.NewClient("/robot/r2")->GetNode()), Reason::kRoleRequired);
}

TEST_F(GuardTest, RefusesACertificateOfAnUnknownAuthority) {
  Loopback loopback;
  loopback.Start();
  const identity::TestAuthority stranger("example.org", absl::Now());
  auto client = loopback.NewClient(stranger.Issue("/node/cache/c1"));
  EXPECT_TRUE(absl::IsUnavailable(client->GetNode()));
  EXPECT_EQ(Calls(loopback, kGetNode, "OK"), 0);
}

TEST_F(GuardTest, RefusesALeafWithTwoUriSans) {
  Loopback loopback;
  loopback.Start();
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  identity::TestAuthority::IssueOptions options;
  options.change = [](crypto::CertificateSpec& spec) {
    spec.uris.emplace_back("spiffe://example.org/admin/ann");
  };
  const auto leaf = loopback.authority.IssueLeaf("/node/cache/c1", key.public_key(), options);
  const grpc::Status status =
      CallWith(loopback, crypto::CertificatesToPem(std::vector<std::string>{leaf.der()}),
               key.ToPkcs8Pem(crypto::SecretAccess::IKnowThisExposesAKey()));
  EXPECT_EQ(ReasonOf(FromGrpc(status)), Reason::kCertProfile);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(GuardTest, RefusesAClientWithoutACertificate) {
  Loopback loopback;
  loopback.Start();
  EXPECT_EQ(CallWith(loopback, "", "").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GuardTest, APlainConnectionHasNoIdentity) {
  Loopback loopback;
  ServerOptions options;
  options.credentials = grpc::InsecureServerCredentials();
  loopback.Start(options);
  grpc::ClientContext context;
  v1::GetNodeResponse response;
  const grpc::Status status =
      v1::RegistryService::NewStub(
          grpc::CreateChannel(loopback.server->address(), grpc::InsecureChannelCredentials()))
          ->GetNode(&context, v1::GetNodeRequest(), &response);
  EXPECT_EQ(ReasonOf(FromGrpc(status)), Reason::kIdentityMissing);
}

TEST_F(GuardTest, ARevokedLeafIsRefusedOnTheNextCallOfAnOpenConnection) {
  Loopback loopback;
  loopback.Start();
  const identity::X509Svid svid = loopback.authority.Issue("/node/cache/c1");
  auto client = loopback.NewClient(svid);
  EXPECT_TRUE(client->GetNode().ok());
  loopback.trust.Set(loopback.authority.Trust(
      2,
      identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {}).value()));
  EXPECT_EQ(ReasonOf(client->GetNode()), Reason::kCertRevoked);
  EXPECT_TRUE(loopback.sink.Contains(R"("peer_spiffe_id":"spiffe://example.org/node/cache/c1")"))
      << "whoever reads the log must know who was refused";
}

TEST_F(GuardTest, WithoutTrustNobodyIsBelieved) {
  Loopback loopback;
  identity::StaticTrustSource none;
  Guard guard({.clock = loopback.clock,
               .trust = none,
               .peers = loopback.peers,
               .security = loopback.security,
               .metrics = loopback.metrics,
               .logger = loopback.logger});
  LoopbackRegistry service(guard, loopback.handlers);
  auto server = Server::Start({.address = "127.0.0.1:0",
                               .credentials = grpc::InsecureServerCredentials(),
                               .services = {&service}});
  ASSERT_TRUE(server.ok());
  grpc::ClientContext context;
  v1::GetNodeResponse response;
  const grpc::Status status =
      v1::RegistryService::NewStub(
          grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()))
          ->GetNode(&context, v1::GetNodeRequest(), &response);
  EXPECT_EQ(ReasonOf(FromGrpc(status)), Reason::kTrustStale);
}

TEST_F(GuardTest, EveryReasonOfAHandlerReachesTheClient) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  loopback.handlers.get_node = [](const Caller&, const std::string& name) {
    return WithMetadata(Reject(ParseReason(name).value(), "why"), "hint", "17");
  };
  for (const ReasonRow& row : ReasonTable()) {
    const absl::Status status = client->GetNode(nullptr, row.name);
    const bool secret = row.reason == Reason::kNsForbidden;
    EXPECT_EQ(ReasonOf(status), secret ? Reason::kNamespaceUnknown : row.reason) << row.name;
    const std::string counted =
        fmt::format("omninode_reject_total{{reason=\"{}\",rpc=\"{}\",service=\"registry\"}}",
                    row.name, kGetNode);
    EXPECT_EQ(Value(loopback, counted), 1) << "the true reason is counted: " << row.name;
  }
}

TEST_F(GuardTest, AnErrorWithoutReasonIsLoggedHereAndHiddenThere) {
  Loopback loopback;
  loopback.Start();
  loopback.handlers.get_node = [](const Caller&, const std::string&) {
    return absl::UnknownError("canary");
  };
  const absl::Status status = loopback.NewClient("/node/cache/c1")->GetNode();
  EXPECT_EQ(ReasonOf(status), Reason::kInternal);
  EXPECT_EQ(Message(status).find("canary"), std::string::npos);
  EXPECT_TRUE(loopback.sink.Contains("canary"));
  EXPECT_EQ(Calls(loopback, kGetNode, "UNKNOWN"), 1);
}

TEST_F(GuardTest, ShedsTheCallAboveItsLimitAndOnlyThatKind) {
  Loopback loopback({.in_flight = {64, 64, 1}});
  Mutex mutex;
  CondVar changed;
  std::vector<Completion> waiting;
  loopback.handlers.wait = [&](Completion done) {
    MutexLock lock(mutex);
    waiting.push_back(std::move(done));
    changed.NotifyAll();
  };
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  const auto wait = [&] {
    grpc::ClientContext context;
    v1::WaitForVersionResponse response;
    return FromGrpc(
        client->Topology()->WaitForVersion(&context, v1::WaitForVersionRequest(), &response));
  };
  auto first = std::async(std::launch::async, wait);
  {
    MutexLock lock(mutex);
    while (waiting.empty()) changed.Wait(mutex);
  }
  const absl::Status shed = wait();
  EXPECT_EQ(ReasonOf(shed), Reason::kLoadShed);
  EXPECT_EQ(RetryAfterOf(shed), Guard::kRetryAfterShed);
  EXPECT_TRUE(client->GetNode().ok()) << "another kind of call has its own limit";
  {
    MutexLock lock(mutex);
    waiting.front()(absl::OkStatus());
    waiting.clear();
  }
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(loopback.guard.in_flight(Limiter::kStream), 0);
}

TEST_F(GuardTest, AnAsyncCallThatIsCancelledIsFreedAndItsLateAnswerLost) {
  Loopback loopback;
  std::promise<Completion> started;
  loopback.handlers.wait = [&](Completion done) { started.set_value(std::move(done)); };
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    v1::WaitForVersionResponse response;
    return client->Topology()->WaitForVersion(&context, v1::WaitForVersionRequest(), &response);
  });
  Completion late = started.get_future().get();
  context.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  while (loopback.guard.in_flight(Limiter::kStream) != 0) std::this_thread::yield();
  late.Respond([]() -> absl::Status {
    ADD_FAILURE() << "the response message is gone";
    return absl::OkStatus();
  });
}

TEST_F(GuardTest, AnAsyncCallMayBeAnsweredAtOnceOrDropped) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  const auto wait = [&] {
    grpc::ClientContext context;
    v1::WaitForVersionResponse response;
    return FromGrpc(
        client->Topology()->WaitForVersion(&context, v1::WaitForVersionRequest(), &response));
  };
  EXPECT_TRUE(wait().ok());
  loopback.handlers.wait = [](Completion) {};
  EXPECT_EQ(ReasonOf(wait()), Reason::kInternal);
}

}  // namespace
}  // namespace omninode::rpc
