#include "common/rpc/transport/server.h"

#include <future>

#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/rpc/stream/stream_sweeper.h"
#include "common/rpc/testing/loopback.h"
#include "common/rpc/transport/server_credentials.h"
#include "grpc/health/v1/health.pb.h"

namespace omninode::rpc {
namespace {

namespace v1 = omninode::registry::v1;

// An open WatchTopology whose first message has arrived.
struct OpenStream {
  explicit OpenStream(Loopback::Client& client)
      : stub(client.Topology()), reader(stub->WatchTopology(&context, {})) {
    v1::WatchTopologyResponse started;
    EXPECT_TRUE(reader->Read(&started));
  }
  absl::Status End() {
    v1::WatchTopologyResponse more;
    while (reader->Read(&more)) {
    }
    return FromGrpc(reader->Finish());
  }
  grpc::ClientContext context;
  std::unique_ptr<v1::TopologyService::Stub> stub;
  std::unique_ptr<grpc::ClientReader<v1::WatchTopologyResponse>> reader;
};

TEST(ServerTest, NamesTheAddressOfAPortInUse) {
  Loopback loopback;
  loopback.Start();
  const auto second = Server::Start(
      {.address = loopback.server->address(), .credentials = grpc::InsecureServerCredentials()});
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  EXPECT_NE(Message(second.status()).find(loopback.server->address()), std::string_view::npos);
  EXPECT_NE(Message(second.status()).find("in use"), std::string_view::npos) << second.status();
}

TEST(ServerTest, SaysThatThereIsNoCertificateYet) {
  Loopback loopback;
  identity::StaticSvidSource none;
  const auto server =
      Server::Start({.address = "127.0.0.1:0",
                     .credentials = MakeServerCredentials(ClientCertificate::kRequired, none,
                                                          loopback.trust, loopback.logger)});
  EXPECT_TRUE(absl::IsUnavailable(server.status()));
  EXPECT_NE(Message(server.status()).find("no certificate"), std::string_view::npos);
}

TEST(ServerTest, TellsItsHealth) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/admin/ann");
  const auto check = [&] {
    grpc::GenericStub stub(client->channel->Get());
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call =
        stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", ToByteBuffer(""), &queue);
    grpc::ByteBuffer bytes;
    grpc::Status status;
    void* tag = nullptr;
    bool ok = false;
    call->StartCall();
    call->Finish(&bytes, &status, nullptr);
    queue.Next(&tag, &ok);
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(status.ok() && ParseMessage(bytes, 1024, &response).ok());
    return response.status();
  };
  EXPECT_EQ(check(), grpc::health::v1::HealthCheckResponse::SERVING);
  loopback.server->SetServing(false);
  EXPECT_EQ(check(), grpc::health::v1::HealthCheckResponse::NOT_SERVING);
}

TEST(ServerTest, OnlyTheServerThatIsAskedToDescribesItself) {
  for (const bool reflection : {true, false}) {
    Loopback loopback;
    ServerOptions options;
    options.reflection = reflection;
    loopback.Start(options);
    auto client = loopback.NewClient("/admin/ann");
    grpc::GenericStub stub(client->channel->Get());
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(
        &context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
    void* tag = nullptr;
    bool ok = false;
    call->StartCall(nullptr);
    queue.Next(&tag, &ok);
    call->WritesDone(nullptr);
    queue.Next(&tag, &ok);
    grpc::Status status;
    call->Finish(&status, nullptr);
    queue.Next(&tag, &ok);
    EXPECT_EQ(status.error_code(),
              reflection ? grpc::StatusCode::OK : grpc::StatusCode::UNIMPLEMENTED);
  }
}

TEST(ServerTest, RefusesAMessageOneByteTooLong) {
  Loopback loopback;
  ServerOptions options;
  options.limits.max_receive_message_bytes = 1000;
  loopback.Start(options);
  auto client = loopback.NewClient("/node/cache/c1");
  v1::GetNodeRequest request;
  request.set_node_id(std::string(900, 'x'));
  const std::size_t overhead = request.ByteSizeLong() - 900;
  EXPECT_TRUE(client->GetNode(nullptr, std::string(1000 - overhead, 'x')).ok());
  EXPECT_TRUE(
      absl::IsResourceExhausted(client->GetNode(nullptr, std::string(1001 - overhead, 'x'))));
}

TEST(ServerTest, RefusesCompressedMessages) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::GetNodeRequest request;
  request.set_node_id(std::string(200'000, 'x'));
  v1::GetNodeResponse response;
  EXPECT_EQ(client->Registry()->GetNode(&context, request, &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(ServerTest, ShutdownTellsOpenStreamsAndReturnsInTime) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  OpenStream stream(*client);
  loopback.streams.EndAll(Reject(Reason::kShuttingDown, "going down"));
  const absl::Time began = absl::Now();
  loopback.Stop(absl::Seconds(30));
  EXPECT_LT(absl::Now() - began, absl::Seconds(10));
  EXPECT_EQ(ReasonOf(stream.End()), Reason::kShuttingDown);
  EXPECT_EQ(loopback.streams.size(), 0u);
}

TEST(ServerTest, ShutdownCancelsStreamsAndCallsThatNeverEnd) {
  Loopback loopback;
  std::promise<Completion> started;
  loopback.handlers.wait = [&](Completion done) { started.set_value(std::move(done)); };
  loopback.Start();
  auto client = loopback.NewClient("/node/cache/c1");
  OpenStream stream(*client);
  auto call = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    v1::WaitForVersionResponse response;
    return client->Topology()->WaitForVersion(&context, {}, &response);
  });
  const Completion never = started.get_future().get();
  const absl::Time began = absl::Now();
  loopback.Stop(absl::Milliseconds(200));
  EXPECT_LT(absl::Now() - began, absl::Seconds(10));
  EXPECT_FALSE(call.get().ok());
  EXPECT_FALSE(stream.End().ok());
}

TEST(ServerTest, ARevokedCallersOpenStreamEnds) {
  Loopback loopback;
  loopback.Start();
  StreamSweeper sweeper(loopback.streams, loopback.trust, loopback.clock);
  const identity::X509Svid svid = loopback.authority.Issue("/node/cache/c1");
  auto client = loopback.NewClient(svid);
  auto bystander = loopback.NewClient("/node/cache/c2");
  OpenStream stream(*client);
  OpenStream other(*bystander);
  loopback.trust.Set(loopback.authority.Trust(
      2,
      identity::Revocations::Create({identity::RevokedCertificate::Of(svid.leaf())}, {}).value()));
  EXPECT_EQ(ReasonOf(stream.End()), Reason::kCertRevoked);
  other.context.TryCancel();
  EXPECT_TRUE(absl::IsCancelled(other.End()));
}

TEST(ServerTest, AStreamWithoutTheRoleIsRefused) {
  Loopback loopback;
  loopback.Start();
  auto client = loopback.NewClient("/robot/r2");
  grpc::ClientContext context;
  const auto reader = client->Topology()->WatchTopology(&context, {});
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), Reason::kRoleRequired);
}

}  // namespace
}  // namespace omninode::rpc
