#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/csr.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"
#include "omninode/bootstrap/v1/authority_service.pb.h"
#include "omninode/bootstrap/v1/entry_service.pb.h"
#include "omninode/registry/v1/topology_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"
#include "tools/testbed/wait.h"

// T52 texts that databases obey, T53 that logs obey, T54 that nobody may repeat.
namespace omninode::rejections {
namespace {

constexpr std::string_view kSql = "'; DROP TABLE node; -- \" %_\\ $1 ?1 :x";
constexpr std::string_view kForgedLine =
    "x\"}\r\n{\"event\":\"reject\",\"reason\":\"FORGED\",\"level\":\"error\"}\n\x1b[2J\x1b[31m";

constexpr std::string_view kBootstrap = "omninode.bootstrap.v1.";

std::string RegistryRpc(const std::string& name) {
  return "omninode.registry.v1.RegistryService/" + name;
}
std::string BootstrapRpc(const std::string& name) { return std::string(kBootstrap) + name; }

// A sound registration but for one text.
Runner Says(const std::function<void(NodeIntrospection&)>& change) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    NodeIntrospection words = WordsOf(world, node);
    change(words);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, BodyOf(world, node, words)));
  };
}

template <typename Request>
Runner AsAdmin(const std::string& method, const Request& request) {
  return [=](World& world, Outcome& outcome) {
    const Actor admin = world.NewAdmin();
    const auto way =
        method.starts_with(kBootstrap) ? world.Bootstrap(admin) : world.Registry(admin);
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(way, method, request);
  };
}

// What was stored reads back letter for letter, also from the file of a registry that was killed.
void StoredVerbatim(World& world, Outcome& outcome) {
  const Actor node = world.NewNode();
  NodeIntrospection words = WordsOf(world, node);
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  words.set_software_version(std::string(kSql));
  words.mutable_capabilities(0)->set_value(std::string(kSql));
  auto* label = words.add_labels();
  label->set_name("table");
  label->set_value("node\"; SELECT pg_sleep(10)");
  auto* json = words.add_labels();
  json->set_name("zz");
  json->set_value(deep);
  EnvelopeBody body = BodyOf(world, node, words);
  body.set_correlation_id(std::string(kSql));
  outcome.status = Register(world, node, Sign(node, body));
  ASSERT_TRUE(outcome.status.ok()) << outcome.status.error_message();
  const absl::Status restarted = world.cluster().RestartRegistry(SIGKILL);
  ASSERT_TRUE(restarted.ok()) << restarted;
  registry::v1::GetNodeResponse found;
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] { return Lookup(world, node, &found).ok(); }));
  EXPECT_EQ(found.node().software_version(), kSql);
  EXPECT_EQ(found.node().capabilities(0).value(), kSql);
  EXPECT_EQ(found.node().labels(0).value(), label->value());
  EXPECT_EQ(found.node().labels(1).value(), deep);
  EXPECT_EQ(found.node().evidence().body(), body.SerializeAsString());
}

void StoredInTombstone(World& world, Outcome& outcome) {
  const Actor node = world.NewNode();
  ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
  NodeTombstone goodbye = GoodbyeOf(node);
  goodbye.set_reason_text(std::string(kSql));
  outcome.status = Deregister(world, node, Sign(node, BodyOf(world, node, goodbye)));
  const auto tombstones = world.cluster().admin().registry().ListTombstones(
      *NamespaceName::Parse(kTenant), *NodeId::Parse(goodbye.node_id()));
  ASSERT_TRUE(tombstones.ok()) << tombstones.status();
  ASSERT_EQ(tombstones->size(), 1u);
  EXPECT_EQ(tombstones->front().reason_text, kSql);
}

void StoredInBan(World& world, Outcome& outcome, std::string_view words) {
  const Actor admin = world.NewAdmin();
  bootstrap::v1::BanIdentityRequest request;
  request.set_spiffe_id(world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName()));
  request.set_reason_text(std::string(words));
  outcome.status =
      CallOnce(world.Bootstrap(admin), BootstrapRpc("AuthorityService/BanIdentity"), request);
  bootstrap::v1::ListRevocationsRequest list;
  bootstrap::v1::ListRevocationsResponse answer;
  ASSERT_TRUE(CallOnce(world.Bootstrap(admin), BootstrapRpc("AuthorityService/ListRevocations"),
                       list, &answer)
                  .ok());
  EXPECT_NE(answer.SerializeAsString().find(words), std::string::npos);
}

void AddDatabase(Runners& rows) {
  rows["T52.stored_verbatim"] = StoredVerbatim;
  rows["T52.in_a_tombstone"] = StoredInTombstone;
  rows["T52.in_a_ban"] = [](World& world, Outcome& outcome) { StoredInBan(world, outcome, kSql); };
  rows["T52.in_a_node_id"] =
      Says([](NodeIntrospection& words) { words.set_node_id(std::string(kSql)); });
  rows["T52.value_of_100_000_keys"] = Says([](NodeIntrospection& words) {
    std::string json = "{";
    for (int i = 0; i < 100'000; ++i) json += "\"k\":1,";
    words.mutable_capabilities(0)->set_value(json);
  });
  rows["T52.more_capabilities_than_allowed"] = Says([](NodeIntrospection& words) {
    for (int i = 0; i < 64; ++i) words.add_capabilities()->set_name("c" + std::to_string(i));
  });
  registry::v1::ListTombstonesRequest wildcard;
  wildcard.set_namespace_(std::string(kTenant));
  wildcard.set_node_id("%");
  rows["T52.wildcard_in_a_filter"] = AsAdmin(RegistryRpc("ListTombstones"), wildcard);
  bootstrap::v1::GetEntryRequest entry;
  entry.set_entry_id("' OR '1'='1");
  rows["T52.in_an_entry_id"] = AsAdmin(BootstrapRpc("EntryService/GetEntry"), entry);
  rows["T52.in_a_token_id"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, world.authority().Id("/ns/tenant-a/node/worker/sql"));
    ASSERT_TRUE(token.ok()) << token.status();
    Attempt attempt = HonestAttempt(
        *token, crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)));
    attempt.token_id = "' OR '1'='1";
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, attempt);
  };
}

void AddLog(Runners& rows) {
  rows["T53.in_a_node_id"] =
      Says([](NodeIntrospection& words) { words.set_node_id(std::string(kForgedLine)); });
  rows["T53.in_a_capability"] = Says([](NodeIntrospection& words) {
    words.mutable_capabilities(0)->set_value(std::string(kForgedLine));
  });
  rows["T53.in_the_software_version"] =
      Says([](NodeIntrospection& words) { words.set_software_version(std::string(kForgedLine)); });
  rows["T53.in_an_endpoint"] = Says([](NodeIntrospection& words) {
    auto* endpoint = words.add_endpoints();
    endpoint->set_name("grpc");
    endpoint->set_url("grpcs://" + std::string(kForgedLine));
  });
  rows["T53.in_the_envelope_version"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    SignedEnvelope envelope = Registration(world, node);
    envelope.set_envelope_version(std::string(kForgedLine));
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
  rows["T53.in_the_name_of_the_signer"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    SignedEnvelope envelope = Registration(world, world.NewNode());
    envelope.mutable_security()->set_spiffe_id(std::string(kForgedLine));
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, envelope);
  };
  rows["T53.in_the_name_of_a_certificate"] = [](World& world, Outcome& outcome) {
    const Actor actor =
        world.authority().Issue("spiffe://testbed.example/" + std::string(kForgedLine));
    const World::Door door = world.NewDoor(world.cluster().registry_address());
    outcome.peer = door.peer;
    outcome.claimed = actor.spiffe_id;
    outcome.status = CallOnce(Dial(door.address, &actor), RegistryRpc("GetNode"),
                              registry::v1::GetNodeRequest());
  };
  rows["T53.in_the_identity_wanted"] = [](World& world, Outcome& outcome) {
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status =
        Attest(door.address,
               {.token_id = "t",
                .csr = crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)),
                .spiffe_id = std::string(kForgedLine)});
  };
  registry::v1::WatchTopologyRequest watch;
  watch.set_namespace_(std::string(kTenant));
  watch.set_watcher_name(std::string(kForgedLine));
  rows["T53.in_the_name_of_a_watcher"] =
      AsAdmin("omninode.registry.v1.TopologyService/WatchTopology", watch);
  rows["T53.in_the_words_of_an_administrator"] = [](World& world, Outcome& outcome) {
    StoredInBan(world, outcome, kForgedLine);
  };
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The lines of a PEM file that hold the key.
std::vector<std::string> KeyLines(const std::string& pem) {
  std::vector<std::string> lines;
  for (const std::string_view line : Split(pem, '\n')) {
    if (line.size() >= 32 && !line.starts_with("-----")) lines.emplace_back(line);
  }
  return lines;
}

// Everything that any process of the network has ever written to a log.
void NothingWasRepeated(World& world, Outcome& outcome) {
  namespace fs = std::filesystem;
  std::size_t keys = 0;
  for (const auto& file : fs::recursive_directory_iterator(world.dir())) {
    const std::string name = file.path().filename();
    if (name != "key.pem" && name != "ca-key.pem") continue;
    for (std::string& line : KeyLines(ReadAll(file.path()))) {
      ++keys;
      world.KeepSecret(std::move(line));
    }
  }
  EXPECT_GE(keys, 4u);  // of the authority, two services and the administrator
  std::size_t logs = 0;
  for (const auto& file : fs::directory_iterator(world.dir())) {
    const std::string extension = file.path().extension();
    if (extension != ".log" && extension != ".out" && extension != ".ready") continue;
    ++logs;
    const std::string text = ReadAll(file.path());
    EXPECT_EQ(world.SecretIn(text), "") << file.path();
    EXPECT_EQ(text.find("PRIVATE KEY"), std::string::npos) << file.path();
  }
  EXPECT_GE(logs, 7u);
  for (const auto* service : world.services()) {
    for (const char* page : {"/metrics", "/readyz", "/livez"}) {
      const auto text = service->HttpGet(page);
      ASSERT_TRUE(text.ok()) << text.status();
      EXPECT_EQ(world.SecretIn(*text), "") << service->name() << page;
    }
  }
  outcome.status = grpc::Status::OK;
}

void AddSecrets(Runners& rows) {
  rows["T54.token_for_its_id"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, world.authority().Id("/ns/tenant-a/node/worker/leak"));
    ASSERT_TRUE(token.ok()) << token.status();
    Attempt attempt = HonestAttempt(
        *token, crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)));
    attempt.token_id = Base64Encode(token->token);
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, attempt);
  };
  rows["T54.private_key_for_a_signing_request"] = [](World& world, Outcome& outcome) {
    const std::string pem = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256)
                                .ToPkcs8Pem(crypto::SecretAccess::IKnowThisExposesAKey());
    for (std::string& line : KeyLines(pem)) world.KeepSecret(std::move(line));
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, {.token_id = "t", .csr = pem});
  };
  rows["T54.in_an_unknown_field"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    SignedEnvelope envelope = Registration(world, node);
    envelope.GetReflection()->MutableUnknownFields(&envelope)->AddLengthDelimited(
        9, world.NewCanary());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
  rows["T54.in_a_capability"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    NodeIntrospection words = WordsOf(world, node);
    words.mutable_capabilities(0)->set_value("password=" + world.NewCanary() + "\n");
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, BodyOf(world, node, words)));
  };
  rows["T54.in_a_page_token"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.NewAdmin();
    registry::v1::ListNodesRequest request;
    request.set_namespace_(std::string(kTenant));
    request.set_page_token(world.NewCanary());
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(world.Registry(admin), RegistryRpc("ListNodes"), request);
  };
  rows["T54.lease_key_for_a_mac"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    registry::v1::RegisterResponse registered;
    ASSERT_TRUE(Register(world, node, Registration(world, node), &registered).ok());
    world.KeepSecret(HexEncode(registered.lease().key()));
    world.KeepSecret(Base64Encode(registered.lease().key()));
    registry::v1::HeartbeatRequest request;
    registry::v1::HeartbeatResponse answer;
    request.mutable_batch()->set_namespace_(std::string(kTenant));
    auto* beat = request.mutable_batch()->add_beats();
    beat->set_lease_handle(registered.lease().handle());
    beat->set_sequence(world.NextSequence());
    beat->set_mac(registered.lease().key());
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Registry(node), RegistryRpc("Heartbeat"), request, &answer);
    ASSERT_EQ(answer.results_size(), 1);
    outcome.within = registry::v1::BeatOutcome_Name(answer.results(0).outcome());
  };
  rows["T54.nothing_was_repeated"] = NothingWasRepeated;
}

}  // namespace

void AddTextRows(Runners& rows) {
  AddDatabase(rows);
  AddLog(rows);
  AddSecrets(rows);
}

}  // namespace omninode::rejections
