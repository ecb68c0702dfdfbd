#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/status.h"
#include "common/base/text.h"
#include "tests/integration/bad_input/shell.h"
#include "tests/integration/network_fixture.h"
#include "tools/testbed/wait.h"

namespace omninode::bad_input {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr absl::Duration kSoon = absl::Seconds(30);

// omnictl as an administrator types it, against one network for the whole suite. Each test has a
// namespace and a folder of its own.
class OmnictlTest : public integration::NetworkFixture {
 protected:
  static void SetUpTestSuite() { StartNetwork({}); }
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(NetworkFixture::SetUp());
    const std::string& folder = cluster().options().dir;
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string dir = folder + "/" + name;
    ASSERT_TRUE(std::filesystem::create_directory(dir));
    shell_ = std::make_unique<Shell>(
        Shell::Options{.dir = dir,
                       .bin_dir = OMNINODE_BIN_DIR,
                       .variables = {{"OMNINODE_IDENTITY", cluster().admin_dir()},
                                     {"OMNINODE_BOOTSTRAP_SOCKET", folder + "/admin/sock"}}});
  }

  // What a command that succeeds prints, and nothing on stderr.
  std::string Do(const std::string& command, int code = 0) {
    const auto outcome = shell_->Run("omnictl " + command, kSoon);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (!outcome.ok()) return "";
    EXPECT_EQ(outcome->code, code) << command << "\n" << outcome->err;
    EXPECT_EQ(outcome->err, "") << command;
    return outcome->out;
  }
  json Json(const std::string& command, int code = 0) {
    const std::string text = Do(command + " -o json", code);
    json value = json::parse(text, nullptr, false);
    EXPECT_FALSE(value.is_discarded()) << command << "\n" << text;
    return value;
  }
  // The error line of a command that fails with that exit code.
  std::string Fail(const std::string& command, int code) {
    const auto outcome = shell_->Run("omnictl " + command, kSoon);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (!outcome.ok()) return "";
    EXPECT_EQ(outcome->code, code) << command << "\n" << outcome->err;
    EXPECT_EQ(outcome->out, "") << command;
    EXPECT_EQ(PlainLines(outcome->err).size(), 1u) << outcome->err;
    return outcome->err;
  }
  // What a command writes to stderr that ends with that exit code after it wrote something.
  std::string Run(const std::string& command, int code) {
    const auto outcome = shell_->Run("omnictl " + command, kSoon);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (!outcome.ok()) return "";
    EXPECT_EQ(outcome->code, code) << command << "\n" << outcome->out << outcome->err;
    return outcome->err;
  }
  Shell::Started Start(const std::string& command, std::string_view until) {
    auto started = shell_->Start("exec omnictl " + command);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    Await(*started, until);
    return *std::move(started);
  }
  static void Await(const Shell::Started& started, std::string_view text) {
    const absl::Status seen = Shell::WaitForText(started, text, kSoon);
    ASSERT_TRUE(seen.ok()) << seen;
  }
  static Outcome Stop(Shell::Started& started) {
    EXPECT_TRUE(started.process->Signal(SIGTERM).ok());
    const auto outcome = Shell::Finish(started, kSoon);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(Outcome());
  }

  // A namespace, an entry for its nodes, and a token for one.
  std::string MakeNamespace(const std::string& ns, const std::string& limits = "") {
    Do(fmt::format("namespace create {} {}", ns, limits));
    return Json(fmt::format("identity entry create --spiffe-id '{}/ns/{}/node/*/*'", kDomain,
                            ns))["entry_id"];
  }
  void MakeToken(const std::string& ns, const std::string& id) {
    Do(fmt::format("identity token create --spiffe-id {}/ns/{}/node/worker/{} --out {}.token",
                   kDomain, ns, id, id));
  }

  static constexpr char kDomain[] = "spiffe://testbed.example";
  std::unique_ptr<Shell> shell_;
};

TEST_F(OmnictlTest, NamespacesAreMadeListedAndShown) {
  EXPECT_THAT(Do("namespace create tenant-a --default-ttl 20s --max-nodes 7"),
              AllOf(StartsWith("NAMESPACE"), HasSubstr("tenant-a")));
  EXPECT_EQ(Json("namespace create tenant-a --default-ttl 20s --max-nodes 7")["max_nodes"], 7)
      << "the same again changes nothing";
  const json shown = Json("namespace get tenant-a");
  EXPECT_EQ(shown["namespace"], "tenant-a");
  EXPECT_EQ(shown["default_ttl"], "20s");
  EXPECT_EQ(shown["nodes"], 0);
  std::vector<std::string> names;
  const json list = Json("namespace list");
  for (const json& row : list["namespaces"]) names.push_back(row["namespace"]);
  EXPECT_THAT(names, testing::IsSupersetOf({"default", "system", "tenant-a"}));
  EXPECT_THAT(Do("namespace list"), StartsWith("NAMESPACE"));
  EXPECT_THAT(Fail("namespace create tenant-a", 77), HasSubstr("NAMESPACE_EXISTS"));
}

TEST_F(OmnictlTest, EntriesAreMadeChangedAndDeleted) {
  const json made =
      Json(fmt::format("identity entry create --spiffe-id '{}/node/entry-test/*' --svid-ttl 30m "
                       "--dns-name a.example",
                       kDomain));
  const std::string id = made["entry_id"];
  EXPECT_EQ(made["svid_ttl"], "30m");
  EXPECT_EQ(Json("identity entry get " + id), made);
  EXPECT_THAT(Do("identity entry list -o name"), HasSubstr(id));
  const json changed = Json("identity entry update " + id + " --svid-ttl 20m --no-dns-names");
  EXPECT_EQ(changed["svid_ttl"], "20m");
  EXPECT_EQ(changed["dns_names"], json::array());
  EXPECT_EQ(Json("identity entry delete " + id)["deleted"], true);
  EXPECT_THAT(Fail("identity entry get " + id, 77), HasSubstr("OBJECT_UNKNOWN"));
}

TEST_F(OmnictlTest, AnIdentityIsIssuedOnThisHostAndShown) {
  const std::string issued =
      Do(fmt::format("identity issue --spiffe-id {}/admin/bob --out bob", kDomain));
  EXPECT_THAT(issued, HasSubstr("spiffe://testbed.example/admin/bob"));
  const json shown = Json("identity svid show bob");
  EXPECT_EQ(shown["network_id"], "testbed");
  EXPECT_EQ(shown["valid"], true);
  EXPECT_EQ(Json("identity svid show bob/chain.pem")["serial"], shown["serial"]);
  const auto mode = std::filesystem::status(shell_->dir() + "/bob/key.pem").permissions();
  EXPECT_EQ(mode, std::filesystem::perms(0600));
  EXPECT_THAT(Do("namespace list --identity bob -o name"), HasSubstr("system"));
  EXPECT_THAT(Fail(fmt::format("identity issue --spiffe-id {}/admin/bob --out bob", kDomain), 77),
              HasSubstr("bob/key.pem is there already"));
}

TEST_F(OmnictlTest, ANodeRunsReadsItsFileAgainAndLeaves) {
  MakeNamespace("run-a");
  MakeToken("run-a", "w1");
  const std::string file = shell_->dir() + "/w1.json";
  const auto Describe = [&](int jobs) {
    std::ofstream(file) << json{{"type", "worker"},
                                {"id", "w1"},
                                {"namespace", "run-a"},
                                {"endpoints", {{"grpc", "grpcs://10.0.0.7:8443"}}},
                                {"capabilities", {{"max_jobs", std::to_string(jobs)}}}};
  };
  Describe(4);
  auto node = Start(
      "node run --introspection w1.json --identity w1 --token w1.token "
      "--ready-file ready -o json",
      R"("event": "registered")");
  EXPECT_TRUE(std::filesystem::exists(shell_->dir() + "/ready"));
  EXPECT_THAT(Do("node list --namespace run-a"), AllOf(StartsWith("ID"), HasSubstr("w1")));
  EXPECT_EQ(Do("node list --namespace run-a --type worker -o name"), "w1\n");
  EXPECT_EQ(Do("node list --namespace run-a --type router -o name"), "");
  EXPECT_EQ(Json("node get w1 --namespace run-a")["capabilities"]["max_jobs"], "4");

  Describe(9);
  ASSERT_TRUE(node.process->Signal(SIGHUP).ok());
  Await(node, R"("event": "updated")");
  EXPECT_EQ(Json("node get w1 --namespace run-a")["capabilities"]["max_jobs"], "9");
  // A description that cannot be read changes nothing.
  std::ofstream(file) << "{";
  ASSERT_TRUE(node.process->Signal(SIGHUP).ok());
  Await(node, R"("event": "reload_failed")");
  EXPECT_EQ(Json("node get w1 --namespace run-a")["capabilities"]["max_jobs"], "9");

  const Outcome left = Stop(node);
  EXPECT_EQ(left.code, 0) << left.err;
  EXPECT_THAT(left.out, HasSubstr(R"("event": "left")"));
  EXPECT_EQ(Do("node list --namespace run-a -o name"), "");
  // Again without a token: its folder has the identity.
  Describe(4);
  auto again = Start("node run --introspection w1.json --identity w1", "registered");
  EXPECT_EQ(Stop(again).code, 0);
}

TEST_F(OmnictlTest, TheTopologyIsShownWatchedAndWaitedFor) {
  MakeNamespace("watch-a");
  MakeToken("watch-a", "w1");
  auto watch = Start("topology watch --namespace watch-a -o json", R"("event": "snapshot_end")");
  auto table = Start("topology watch --namespace watch-a", "snapshot_end");
  auto node =
      Start("node run --type worker --id w1 --namespace watch-a --token w1.token", "registered");
  Await(watch, R"("event": "added")");
  Await(table, "added");
  const json shown = Json("topology get --namespace watch-a");
  EXPECT_EQ(shown["total_nodes"], 1);
  EXPECT_EQ(shown["position"], "1:1");
  EXPECT_EQ(shown["hash"].get<std::string>().size(), 64u);
  EXPECT_EQ(Json("topology wait --namespace watch-a --position 1:1")["position"], "1:1");
  EXPECT_EQ(Stop(node).code, 0);
  Await(watch, R"("event": "removed")");
  Await(watch, "graceful_shutdown");
  Await(table, "graceful_shutdown");
  watch.process->Kill();
  table.process->Kill();
  auto resumed =
      Start("topology watch --namespace watch-a --since 1:1 -o json", R"("event": "removed")");
  EXPECT_THAT(ReadAll(resumed.out_path), testing::Not(HasSubstr("snapshot_end")));
  EXPECT_THAT(Fail("topology wait --namespace watch-a --position 1:9 --timeout 300ms", 75),
              HasSubstr("(DEADLINE)"));
}

TEST_F(OmnictlTest, EveryVersionIsShownByItself) {
  MakeNamespace("each-a");
  auto watch = Start("topology watch --namespace each-a -o json", R"("event": "snapshot_end")");
  const auto Worker = [](int state) {
    return *directory::Introspection::Create(
        {.ns = "each-a", .node_type = "worker", .node_id = "w1", .version = std::to_string(state)});
  };
  const auto member = cluster().JoinNode(Worker(0));
  ASSERT_TRUE(member.ok()) << member.status();
  constexpr int kVersions = 12;
  for (int i = 1; i <= kVersions; ++i) {
    const auto envelope = (*member)->Seal(Worker(i), (*member)->NextSequence());
    ASSERT_TRUE((*member)->registry().Register(*envelope).ok());
  }
  const auto Position = [](int i) { return fmt::format(R"("position": "1:{}")", i); };
  Await(watch, Position(kVersions));
  auto resumed =
      Start("topology watch --namespace each-a --since 1:1 -o json", Position(kVersions));
  for (int i = 2; i <= kVersions; ++i) {
    EXPECT_THAT(ReadAll(watch.out_path), HasSubstr(Position(i)));
    EXPECT_THAT(ReadAll(resumed.out_path), HasSubstr(Position(i)));
  }
  watch.process->Kill();
  resumed.process->Kill();
}

TEST_F(OmnictlTest, ATokenForAnotherNodeIsNotUsedUp) {
  MakeNamespace("burn-a");
  MakeToken("burn-a", "w1");
  EXPECT_THAT(Fail("node run --type worker --id w2 --namespace burn-a --token w1.token", 77),
              AllOf(HasSubstr("the token is for"), HasSubstr("(SUBJECT_MISMATCH)")));
  auto node =
      Start("node run --type worker --id w1 --namespace burn-a --token w1.token", "registered");
  EXPECT_EQ(Stop(node).code, 0);
  EXPECT_THAT(Fail("node run --type worker --id w1 --namespace burn-a --token w1.token", 77),
              AllOf(HasSubstr("(TOKEN_USED)"), HasSubstr("omnictl identity token create")));
}

TEST_F(OmnictlTest, AnAdministratorRemovesANode) {
  MakeNamespace("dereg-a");
  const auto worker =
      *directory::Introspection::Create({.ns = "dereg-a", .node_type = "worker", .node_id = "w1"});
  const auto member = cluster().JoinNode(worker);
  ASSERT_TRUE(member.ok()) << member.status();
  const auto envelope = (*member)->Seal(worker, (*member)->NextSequence());
  ASSERT_TRUE((*member)->registry().Register(*envelope).ok());
  const json removed = Json("node deregister w1 --namespace dereg-a --reason-text 'host is gone'");
  EXPECT_EQ(removed["reason"], "manual_deregistration");
  EXPECT_EQ(removed["reason_text"], "host is gone");
  EXPECT_EQ(removed["actor"], "spiffe://testbed.example/admin/testbed");
  EXPECT_THAT(Fail("node get w1 --namespace dereg-a", 77), HasSubstr("(NODE_UNKNOWN)"));
  EXPECT_THAT(Fail("node deregister w1 --namespace dereg-a", 77),
              AllOf(HasSubstr("(NODE_UNKNOWN)"), HasSubstr("namespace 'dereg-a'")));
  const json gone = Json("node tombstones --namespace dereg-a --id w1 --limit 5")["tombstones"];
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0]["reason_text"], "host is gone");
  EXPECT_EQ(gone[0]["position"], removed["position"]);
  EXPECT_EQ(Json("node tombstones --namespace dereg-a --id w2")["tombstones"], json::array());
}

TEST_F(OmnictlTest, WhatANodeSignedIsShownAndVerified) {
  MakeNamespace("signed-a");
  MakeToken("signed-a", "w1");
  auto node =
      Start("node run --type worker --id w1 --namespace signed-a --token w1.token", "registered");
  const json shown = Json("node get w1 --namespace signed-a --with-evidence");
  ASSERT_FALSE(shown["evidence"].is_null());
  std::ofstream(shell_->dir() + "/e.json") << shown["evidence"].dump();
  EXPECT_THAT(Do("envelope show e.json"), HasSubstr("/ns/signed-a/node/worker/w1"));
  EXPECT_THAT(Do("envelope verify e.json"), HasSubstr("/ns/signed-a/node/worker/w1"));
  json forged = shown["evidence"];
  std::string text = forged.dump();
  text.replace(text.find("signed-a"), 8, "signed-b");
  std::ofstream(shell_->dir() + "/f.json") << text;
  Fail("envelope verify f.json", 77);
  EXPECT_EQ(Stop(node).code, 0);
}

TEST_F(OmnictlTest, ACertificateIsRevokedAndAnIdentityBannedAndUnbanned) {
  // Bootstrap ends the trust stream of the revoked certificate, perhaps before it tells why: the
  // node hears it with its next beat at the latest.
  MakeNamespace("ban-a", "--default-ttl 3s --min-ttl 1s");
  MakeToken("ban-a", "w1");
  auto node = Start(
      "node run --type worker --id w1 --namespace ban-a --identity w1 "
      "--token w1.token",
      "registered");
  const std::string id = fmt::format("{}/ns/ban-a/node/worker/w1", kDomain);
  const std::string serial = Json("identity svid show w1")["serial"];
  const json revoked = Json("identity revoke --serial " + serial + " --reason-text 'key copied'");
  EXPECT_EQ(revoked["spiffe_id"], id);
  EXPECT_EQ(revoked["action"], "revoked");
  const json banned = Json("identity ban --spiffe-id " + id);
  EXPECT_EQ(banned["action"], "banned");
  EXPECT_THAT(banned["applied"].dump(), HasSubstr("/service/registry/registry-1"));
  EXPECT_EQ(Do("node list --namespace ban-a -o name"), "");
  const std::string all = Do("identity revocations -o wide");
  EXPECT_THAT(all, AllOf(HasSubstr("certificate"), HasSubstr("identity"), HasSubstr("key copied")));
  EXPECT_THAT(Fail("identity token create --spiffe-id " + id + " --out again.token", 77),
              HasSubstr("(IDENTITY_BANNED); ask an administrator to run `omnictl identity unban`"));
  EXPECT_EQ(Json("identity unban --spiffe-id " + id)["spiffe_id"], id);
  EXPECT_EQ(Json("identity token create --spiffe-id " + id + " --out again.token")["path"],
            "again.token");
  // It did not wait for anybody to notice.
  const auto ended = Shell::Finish(node, kSoon);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->code, 77);
  EXPECT_THAT(ended->out, AllOf(HasSubstr("disconnected"), HasSubstr("CERT_REVOKED")));
  EXPECT_THAT(ended->err, AllOf(HasSubstr("(CERT_REVOKED)"), HasSubstr("identity token create"),
                                HasSubstr("remove w1")));
  // Its folder is spent, and says so.
  EXPECT_THAT(Run("node run --type worker --id w1 --namespace ban-a --identity w1", 77),
              HasSubstr("(CERT_REVOKED)"));
}

TEST_F(OmnictlTest, ABannedNodeEndsAndSaysWhy) {
  MakeNamespace("ban-b");
  MakeToken("ban-b", "w1");
  auto node =
      Start("node run --type worker --id w1 --namespace ban-b --token w1.token", "registered");
  Do(fmt::format("identity ban --spiffe-id {}/ns/ban-b/node/worker/w1", kDomain));
  const auto ended = Shell::Finish(node, kSoon);
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->code, 77);
  EXPECT_THAT(ended->out, HasSubstr("disconnected"));
  EXPECT_THAT(ended->err, AllOf(HasSubstr("(IDENTITY_BANNED)"), HasSubstr("identity unban")));
}

TEST_F(OmnictlTest, ANodeTellsThatTheRegistryIsAwayAndThatItIsBack) {
  MakeNamespace("away-a", "--default-ttl 3s --min-ttl 1s");
  MakeToken("away-a", "w1");
  auto node = Start("node run --type worker --id w1 --namespace away-a --token w1.token -o json",
                    R"("event": "registered")");
  cluster().registry().Kill();
  Await(node, R"("event": "disconnected")");
  ASSERT_TRUE(cluster().registry().Start(kSoon).ok());
  Await(node, R"("event": "reconnected")");
  EXPECT_EQ(Stop(node).code, 0);
}

// Last: it takes a service away.
TEST_F(OmnictlTest, CheckFindsTheServicesAndThenTheirProblems) {
  const auto AllWell = [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const Outcome outcome, shell_->Run("omnictl check -o json", kSoon));
    if (outcome.code == 0) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "{}{}", outcome.out, outcome.err);
  };
  const absl::Status well = testbed::Eventually(kSoon, AllWell);
  ASSERT_TRUE(well.ok()) << well;
  const json report = Json("check");
  EXPECT_EQ(report["services"], 3);
  EXPECT_EQ(report["problems"], 0);
  EXPECT_THAT(Do("check"), HasSubstr("all conditions hold"));

  cluster().bootstrap().Kill();
  const absl::Status found = testbed::Eventually(kSoon, [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const Outcome outcome, shell_->Run("omnictl check -o json", kSoon));
    const json now = json::parse(outcome.out, nullptr, false);
    if (outcome.code == 1 && !now.is_discarded() && now["problems"] >= 2) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "{}{}", outcome.out, outcome.err);
  });
  ASSERT_TRUE(found.ok()) << found;
  EXPECT_THAT(Do("check", 1),
              AllOf(AnyOf(HasSubstr("unreachable"), HasSubstr("missing")), HasSubstr("trust")));
}

}  // namespace
}  // namespace omninode::bad_input
