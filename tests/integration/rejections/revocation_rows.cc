#include <chrono>
#include <future>
#include <optional>
#include <thread>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"
#include "omninode/bootstrap/v1/identity_service.pb.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/raw_tls.h"
#include "tests/integration/rejections/runners.h"
#include "tools/testbed/wait.h"

// T37 what a revoked or banned identity can still do.
namespace omninode::rejections {
namespace {

namespace v1 = registry::v1;

constexpr char kListNodes[] = "omninode.registry.v1.RegistryService/ListNodes";
constexpr absl::Duration kStreamsEndWithin = absl::Seconds(5);
constexpr absl::Duration kCallsEndWithin = absl::Seconds(1);

// A node with a certificate that bootstrap issued and can revoke.
void Join(World& world, std::optional<Actor>* node) {
  const std::string id = world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName());
  const auto token = NewToken(world, id);
  ASSERT_TRUE(token.ok()) << token.status();
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  bootstrap::v1::AttestationResult result;
  const grpc::Status status = Attest(world.cluster().attestor_address(),
                                     HonestAttempt(*token, crypto::MakeCsr(key)), &result);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const auto& ders = result.svid().certificates();
  *node = Actor{id, {ders.begin(), ders.end()}, key};
}

void Revoke(World& world, const Actor& node) {
  const auto leaf = crypto::Certificate::FromDer(node.chain_der.front());
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  const auto revoked =
      world.cluster().admin().bootstrap().RevokeSvid(leaf->serial_hex(), "compromised");
  ASSERT_TRUE(revoked.ok()) << revoked.status();
}

void Ban(World& world, const Actor& node) {
  const auto banned =
      world.cluster().admin().bootstrap().BanIdentity(node.spiffe_id, "compromised");
  ASSERT_TRUE(banned.ok()) << banned.status();
}

v1::ListNodesRequest Read() {
  v1::ListNodesRequest request;
  request.set_namespace_(std::string(kTenant));
  return request;
}

using Verdict = void (*)(World&, const Actor&);

// A call on the connection that was open all the time, or on a new one.
Runner NextCall(Verdict verdict, bool new_connection) {
  return [=](World& world, Outcome& outcome) {
    std::optional<Actor> node;
    Join(world, &node);
    ASSERT_TRUE(node.has_value());
    ASSERT_TRUE(CallOnce(world.Registry(*node), kListNodes, Read()).ok());
    verdict(world, *node);
    const testbed::StepClock since;
    const auto way =
        new_connection ? Dial(world.cluster().registry_address(), &*node) : world.Registry(*node);
    outcome.peer = node->spiffe_id;
    outcome.status = CallOnce(way, kListNodes, Read());
    EXPECT_LT(since.elapsed(), kCallsEndWithin);
  };
}

// Reads until the stream ends; the time it took counts from the verdict.
template <typename Stream, typename Response>
void AwaitEnd(World& world, const Actor& node, Verdict verdict, Stream& stream, Outcome& outcome) {
  std::promise<grpc::Status> ended;
  std::thread reader([&] {
    Response response;
    while (stream.Read(&response)) {
    }
    ended.set_value(stream.Finish());
  });
  verdict(world, node);
  auto end = ended.get_future();
  const bool in_time =
      end.wait_for(absl::ToChronoMilliseconds(kStreamsEndWithin)) == std::future_status::ready;
  EXPECT_TRUE(in_time);
  reader.join();  // the stream's own deadline ends it in any case
  outcome.peer = node.spiffe_id;
  outcome.status = end.get();
}

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(15));
}

Runner OpenWatch(Verdict verdict) {
  return [=](World& world, Outcome& outcome) {
    std::optional<Actor> node;
    Join(world, &node);
    ASSERT_TRUE(node.has_value());
    const auto stub = v1::TopologyService::NewStub(world.Registry(*node));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::WatchTopologyRequest request;
    request.set_namespace_(std::string(kTenant));
    const auto stream = stub->WatchTopology(&context, request);
    v1::WatchTopologyResponse started;
    ASSERT_TRUE(stream->Read(&started));
    AwaitEnd<grpc::ClientReader<v1::WatchTopologyResponse>, v1::WatchTopologyResponse>(
        world, *node, verdict, *stream, outcome);
  };
}

void OpenHeartbeats(World& world, Outcome& outcome) {
  std::optional<Actor> node;
  Join(world, &node);
  ASSERT_TRUE(node.has_value());
  const auto stub = v1::RegistryService::NewStub(world.Registry(*node));
  grpc::ClientContext context;
  SetDeadline(context);
  const auto stream = stub->Heartbeat(&context);
  v1::HeartbeatRequest request;
  v1::HeartbeatResponse response;
  request.mutable_batch()->set_namespace_(std::string(kTenant));
  ASSERT_TRUE(stream->Write(request) && stream->Read(&response));
  AwaitEnd<grpc::ClientReaderWriter<v1::HeartbeatRequest, v1::HeartbeatResponse>,
           v1::HeartbeatResponse>(world, *node, Revoke, *stream, outcome);
}

void LeavesTheTopology(World& world, Outcome& outcome) {
  std::optional<Actor> node;
  Join(world, &node);
  ASSERT_TRUE(node.has_value());
  ASSERT_TRUE(Register(world, *node, Registration(world, *node)).ok());
  Revoke(world, *node);
  auto& registry = world.cluster().admin().registry();
  const auto id = NodeId::Parse(node->spiffe_id.substr(node->spiffe_id.rfind('/') + 1));
  const absl::Status left = testbed::Eventually(kStreamsEndWithin, [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const auto tombstones,
                          registry.ListTombstones(*NamespaceName::Parse(kTenant), *id));
    if (tombstones.size() == 1 &&
        tombstones[0].reason == directory::RemovalReason::kIdentityRevoked) {
      return absl::OkStatus();
    }
    return absl::NotFoundError("no tombstone that says so");
  });
  EXPECT_TRUE(left.ok()) << left;
  outcome.status = grpc::Status::OK;
}

}  // namespace

void AddRevocationRows(Runners& rows) {
  rows["T37.nothing_to_resume"] = [](World& world, Outcome& outcome) {
    for (const std::string& address :
         {world.cluster().registry_address(), world.cluster().bootstrap_address()}) {
      // Tickets would come before the first frame of the server.
      constexpr std::string_view kSettings("\x04\x00\x00\x00\x00\x00", 6);
      const auto answer = TalkTls(address, world.NewNode(), Http2Preface(), kSettings, kSoon);
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_NE(answer->bytes.find(kSettings), std::string::npos);
      EXPECT_EQ(answer->sessions, 0);
    }
    outcome.status = grpc::Status::OK;
  };
  rows["T37.next_call"] = NextCall(Revoke, /*new_connection=*/false);
  rows["T37.new_connection"] = NextCall(Revoke, /*new_connection=*/true);
  rows["T37.banned_next_call"] = NextCall(Ban, /*new_connection=*/false);
  rows["T37.open_watch"] = OpenWatch(Revoke);
  rows["T37.banned_open_watch"] = OpenWatch(Ban);
  rows["T37.open_heartbeats"] = OpenHeartbeats;
  rows["T37.leaves_the_topology"] = LeavesTheTopology;
  rows["T37.its_words_carried_by_an_agent"] = [](World& world, Outcome& outcome) {
    std::optional<Actor> node;
    Join(world, &node);
    ASSERT_TRUE(node.has_value());
    const Actor agent = world.NewAgent();
    Revoke(world, *node);
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, Registration(world, *node));
  };
  rows["T37.another_service"] = [](World& world, Outcome& outcome) {
    std::optional<Actor> node;
    Join(world, &node);
    ASSERT_TRUE(node.has_value());
    Revoke(world, *node);
    bootstrap::v1::RenewSvidRequest request;
    request.set_csr(crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)));
    outcome.peer = node->spiffe_id;
    outcome.status = CallOnce(world.Bootstrap(*node),
                              "omninode.bootstrap.v1.IdentityService/RenewSvid", request);
  };
}

}  // namespace omninode::rejections
