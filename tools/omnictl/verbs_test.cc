#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/test_folder.h"
#include "common/crypto/pem.h"
#include "common/enrollment/token_file.h"
#include "common/envelope/display.h"
#include "tools/omnictl/program.h"
#include "tools/omnictl/remote_client.h"
#include "tools/omnictl/testing/fake_client.h"
#include "tools/omnictl/testing/sealed.h"

// What the verbs ask for and leave behind; how it looks is in golden_test.cc.
namespace omninode::omnictl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Outcome;
using ::testing::StartsWith;

class VerbsTest : public ::testing::Test {
 protected:
  Outcome Run(const std::vector<std::string>& args) { return testing::RunIn(*world_, args); }
  Outcome Run(std::string_view command) { return Run(testing::Words(command)); }
  nlohmann::json Json(std::string_view command) {
    const Outcome outcome = Run(std::string(command) + " -o json");
    EXPECT_EQ(outcome.err, "");
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }

  const config::TestFolder folder_;
  const std::unique_ptr<testing::FakeWorld> world_ = testing::FakeWorld::Make();
};

TEST_F(VerbsTest, RefusesNamesBeforeItConnects) {
  world_->no_connection = absl::UnavailableError("not to be asked");
  for (const std::string_view command :
       {"node list --namespace Tenant", "node get W1", "topology get --namespace x_y",
        "namespace create Tenant", "node list --type BAD", "topology watch --epoch BAD",
        "identity ban --spiffe-id http://x", "identity entry update e-1"}) {
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.exit_code, 64) << command;
    EXPECT_THAT(outcome.err, Not(HasSubstr("not to be asked"))) << command;
  }
}

TEST_F(VerbsTest, PassesTypesAndFiltersOn) {
  Run("node list --type worker --type gateway");
  ASSERT_EQ(world_->registry.listed_types.size(), 2u);
  EXPECT_EQ(world_->registry.listed_types[1].value(), "gateway");
  Run("topology watch --since 1:42 --type worker --label zone=eu-1 --epoch blue --with-evidence");
  ASSERT_TRUE(world_->registry.watched.has_value());
  EXPECT_EQ(world_->registry.watched->since, (directory::Position{1, 42}));
  EXPECT_THAT(world_->registry.watched->filter.labels, ElementsAre("zone=eu-1"));
  EXPECT_THAT(world_->registry.watched->filter.epochs, ElementsAre("blue"));
  EXPECT_TRUE(world_->registry.watched->with_evidence);
}

TEST_F(VerbsTest, MakesAdministratorsRequestsSafeToRepeat) {
  EXPECT_EQ(Run({"node", "deregister", "w1", "--namespace", "tenant-a", "--reason-text", "bye bye"})
                .exit_code,
            0);
  EXPECT_NE(world_->registry.request_id, "");
  EXPECT_EQ(world_->registry.reason_text, "bye bye");
}

TEST_F(VerbsTest, NamesTheNamespaceInWhichANodeIsUnknown) {
  for (const std::string_view command : {"node get w9", "node deregister w9"}) {
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.exit_code, 77) << command;
    EXPECT_THAT(outcome.err, HasSubstr("namespace 'default': "));
    EXPECT_THAT(outcome.err, HasSubstr("omnictl node list --namespace default"));
  }
}

TEST_F(VerbsTest, AsksForTombstones) {
  EXPECT_EQ(Json("node tombstones")["tombstones"].size(), 2u);
  EXPECT_EQ(world_->registry.limit, 100u);
  EXPECT_EQ(world_->registry.tombstones_of, std::nullopt);
  EXPECT_EQ(Run("node tombstones --id w7 --limit 3 -o name").out, "w7\nw8\n");
  EXPECT_EQ(world_->registry.limit, 3u);
  EXPECT_EQ(world_->registry.tombstones_of, NodeId::Parse("w7").value());
  EXPECT_EQ(Run("node tombstones --id W7").exit_code, 64);
}

TEST_F(VerbsTest, RefusesAZeroThatWouldMeanADefault) {
  for (const std::string_view command :
       {"namespace create t --max-nodes 0", "namespace create t --default-ttl 0s",
        "node run --type worker --id w1 --token t --ttl 0", "node tombstones --limit 0",
        "identity entry create --spiffe-id spiffe://example.org/node/*/* --svid-ttl 0s",
        "identity token create --spiffe-id spiffe://example.org/node/a/b --out t --ttl 0s"}) {
    const Outcome outcome = Run(command);
    EXPECT_EQ(outcome.exit_code, 64) << command;
    EXPECT_THAT(outcome.err, HasSubstr(" '0")) << command;
  }
  EXPECT_EQ(world_->registry.rules, std::nullopt);
}

TEST_F(VerbsTest, SaysHowToFindTheAdminSocket) {
  world_->no_connection = absl::UnavailableError("x.sock: No such file or directory");
  EXPECT_THAT(
      Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a")).err,
      HasSubstr("with --socket PATH"));
}

TEST_F(VerbsTest, RefusesAReasonThatNobodyCouldRead) {
  const Outcome outcome =
      Run({"node", "deregister", "w1", "--namespace", "tenant-a", "--reason-text", "\x1b[2J"});
  EXPECT_EQ(outcome.exit_code, 64);
}

TEST_F(VerbsTest, SaysFromWhereToResumeAWatch) {
  world_->registry.events = {{0, node::SnapshotEnd{{1, 44}, std::nullopt}}};
  const Outcome outcome = Run("topology watch");
  EXPECT_EQ(outcome.exit_code, 69);
  EXPECT_THAT(outcome.err, HasSubstr("; resume with --since 1:44\n"));
  world_->registry.stream_end = Reject(Reason::kCertRevoked, "revoked");
  EXPECT_THAT(Run("topology watch").err, Not(HasSubstr("resume")));
}

TEST_F(VerbsTest, StopsAWatchThatNobodyReads) {
  world_->registry.events = {{0, node::Draining{}}, {0, node::Draining{}}};
  int written = 0;
  const std::vector<std::string> args = {"topology", "watch"};
  const ExitCode code = RunProgram(
      args,
      {.environment = [](std::string_view) { return std::nullopt; },
       .style = {},
       .out = [&](std::string_view) { return ++written, false; },
       .err = [](std::string_view) { return true; },
       .make_client = [&](const Verb&,
                          const Args&) { return std::make_unique<testing::FakeClient>(*world_); }});
  EXPECT_EQ(code, ExitCode::kIo);
  EXPECT_EQ(written, 1);
}

TEST_F(VerbsTest, GivesExitCodesOfTheTable) {
  const std::vector<std::pair<absl::Status, int>> table = {
      {absl::UnavailableError("x"), 69},
      {absl::DeadlineExceededError("x"), 75},
      {Reject(Reason::kDeadline, "x"), 75},
      {Reject(Reason::kRoleRequired, "x"), 77},
      {Reject(Reason::kNamespaceUnknown, "x"), 77},
      {Reject(Reason::kArgumentInvalid, "x"), 64},
      {Reject(Reason::kKeyFileMode, "x"), 78}};
  for (const auto& [status, code] : table) {
    world_->registry.failure = status;
    EXPECT_EQ(Run("node list").exit_code, code) << status;
  }
}

TEST_F(VerbsTest, CreatesANamespaceWithItsLimits) {
  EXPECT_EQ(Run("namespace create tenant-b --default-ttl 10s --max-nodes 500").exit_code, 0);
  ASSERT_TRUE(world_->registry.rules.has_value());
  EXPECT_EQ(world_->registry.rules->default_ttl, absl::Seconds(10));
  EXPECT_EQ(world_->registry.rules->max_nodes, 500u);
  EXPECT_EQ(world_->registry.rules->min_ttl, absl::ZeroDuration());
}

TEST_F(VerbsTest, IssuesAnIdentityFolder) {
  const std::string out = folder_.path("alice");
  const auto json =
      Json("identity issue --spiffe-id spiffe://example.org/admin/alice --out " + out);
  EXPECT_EQ(json["spiffe_id"], "spiffe://example.org/admin/alice");
  EXPECT_EQ(json["network_id"], "demo");
  EXPECT_EQ(folder_.Mode("alice"), 0700u);
  for (const char* file : {"alice/key.pem", "alice/chain.pem", "alice/trust.pb"}) {
    EXPECT_EQ(folder_.Mode(file), 0600u) << file;
  }
  EXPECT_THAT(Run("identity svid show " + out).out, Not(HasSubstr("PRIVATE")));
}

TEST_F(VerbsTest, ReplacesAnIdentityOnlyWhenForced) {
  const std::string command =
      "identity issue --spiffe-id spiffe://example.org/admin/alice --out " + folder_.path("a");
  ASSERT_EQ(Run(command).exit_code, 0);
  const std::string key = folder_.Read("a/key.pem");
  const Outcome refused = Run(command);
  EXPECT_EQ(refused.exit_code, 77);
  EXPECT_THAT(refused.err, HasSubstr("--force"));
  EXPECT_EQ(folder_.Read("a/key.pem"), key);
  EXPECT_EQ(world_->issued, 1);
  EXPECT_EQ(Run(command + " --force").exit_code, 0);
  EXPECT_NE(folder_.Read("a/key.pem"), key);
}

TEST_F(VerbsTest, LeavesNoFolderBehindWhenNothingIsIssued) {
  world_->no_connection = absl::UnavailableError("no socket");
  EXPECT_EQ(
      Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a"))
          .exit_code,
      69);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("a")));
}

TEST_F(VerbsTest, WritesATokenThatOnlyTheOwnerCanRead) {
  const std::string out = folder_.path("w1.token");
  const std::string command =
      "identity token create --spiffe-id spiffe://example.org/node/worker/w1 --out " + out;
  const Outcome outcome = Run(command);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(folder_.Mode("w1.token"), 0600u);
  const auto token = enrollment::TokenFile::Parse(folder_.Read("w1.token"));
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->spiffe_id, "spiffe://example.org/node/worker/w1");
  EXPECT_THAT(outcome.out, Not(HasSubstr("c3Nzc3")));  // the secret in base64
  EXPECT_EQ(Run(command).exit_code, 77);
  EXPECT_EQ(world_->bootstrap.tokens, 1);
  EXPECT_EQ(Run(command + " --force").exit_code, 0);
}

TEST_F(VerbsTest, ShowsAnSvidOfAFolderAndOfAFile) {
  const identity::TestAuthority authority("example.org");
  const auto svid = authority.Issue("/service/registry/registry-1");
  const auto file =
      Json("identity svid show " + folder_.Write("chain.pem", svid.chain_pem(), 0644));
  EXPECT_EQ(file["spiffe_id"], svid.id().ToString());
  EXPECT_EQ(file["serial"], svid.leaf().serial_hex());
  EXPECT_EQ(file["dns_names"], nlohmann::json{"localhost"});
  EXPECT_EQ(file["key_algorithm"], "p256");
  EXPECT_EQ(file["valid"], true);
  EXPECT_EQ(file["chain_length"], svid.chain().size());
  EXPECT_TRUE(file["network_id"].is_null());
  world_->clock.Advance(absl::Hours(2));
  EXPECT_EQ(Json("identity svid show " + folder_.path("chain.pem"))["valid"], false);

  Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a"));
  const auto shown = Json("identity svid show " + folder_.path("a"));
  EXPECT_EQ(shown["spiffe_id"], "spiffe://example.org/admin/a");
  EXPECT_EQ(shown["trust_sequence"], 5);
  EXPECT_EQ(shown["registry_addresses"], nlohmann::json{"127.0.0.1:7110"});
}

TEST_F(VerbsTest, CallsAnExpiredIdentityExpiredAndNotMissing) {
  Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a"));
  world_->clock.Advance(absl::Hours(2));
  const auto Connect = [&](const std::string& folder) {
    return MakeRemoteClient({.identity_dir = folder_.path(folder)}, world_->clock)
        ->Registry()
        .status();
  };
  EXPECT_EQ(ReasonOf(Connect("a")), Reason::kCertExpired);
  EXPECT_EQ(ExitCodeFor(Connect("a")), ExitCode::kRefused);
  EXPECT_EQ(ExitCodeFor(Connect("none")), ExitCode::kMissingInput);
}

TEST_F(VerbsTest, SaysWhatIsWrongWithAnIdentity) {
  EXPECT_EQ(Run("identity svid show " + folder_.path("nothing")).exit_code, 66);
  EXPECT_EQ(Run("identity svid show " + folder_.Write("x.pem", "hello")).exit_code, 64);
  Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a"));
  std::filesystem::permissions(folder_.path("a/key.pem"), std::filesystem::perms(0644));
  const Outcome open_key = Run("identity svid show " + folder_.path("a"));
  EXPECT_EQ(open_key.exit_code, 78);
  EXPECT_THAT(open_key.err, HasSubstr("KEY_FILE_MODE"));
}

TEST_F(VerbsTest, ChangesOnlyWhatIsGivenOfAnEntry) {
  EXPECT_EQ(Json("identity entry update e-1 --svid-ttl 30m")["svid_ttl"], "30m");
  ASSERT_TRUE(world_->bootstrap.change.has_value());
  EXPECT_EQ(world_->bootstrap.change->dns_names, std::nullopt);
  EXPECT_EQ(Json("identity entry update e-1 --no-dns-names")["dns_names"], nlohmann::json::array());
  EXPECT_EQ(world_->bootstrap.change->svid_ttl, std::nullopt);
  EXPECT_EQ(Run("identity entry update e-1").exit_code, 64);
  EXPECT_EQ(Run("identity entry update e-1 --dns-name a --no-dns-names").exit_code, 64);
}

TEST_F(VerbsTest, CreatesAnEntryWithWhatIsGiven) {
  Run("identity entry create --spiffe-id spiffe://example.org/node/*/* --svid-ttl 5m --dns-name a");
  ASSERT_TRUE(world_->bootstrap.created.has_value());
  EXPECT_EQ(world_->bootstrap.created->svid_ttl, absl::Minutes(5));
  EXPECT_THAT(world_->bootstrap.created->dns_names, ElementsAre("a"));
  // The service has no default of its own.
  Run("identity entry create --spiffe-id spiffe://example.org/node/*/*");
  EXPECT_EQ(world_->bootstrap.created->svid_ttl, absl::Hours(1));
}

TEST_F(VerbsTest, RunsANodeAsDescribed) {
  world_->node_events = {{absl::FromUnixSeconds(1'800'000'000), "registered", "1:42", "lease 42"}};
  const Outcome outcome = Run("node run --type worker --id w1 --token t --ready-file r");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("registered     1:42"));
  ASSERT_TRUE(world_->node_options.has_value());
  EXPECT_EQ(world_->node_options->token_file, "t");
  EXPECT_EQ(world_->node_options->ready_file, "r");
  EXPECT_EQ(world_->node_options->timeout, absl::Seconds(20));
  EXPECT_EQ(Run("node run --token t").exit_code, 64);
  EXPECT_EQ(Run("node run --type worker --id w1 --endpoint grpc=nonsense").exit_code, 64);
}

class EnvelopeVerbsTest : public VerbsTest {
 protected:
  const identity::TestAuthority authority_{"example.org"};
  const envelope::RawEnvelope envelope_ = testing::SealAs(authority_.Issue(testing::kWorkerPath));
  const std::string json_ = folder_.Write("w1.json", envelope::ToDisplay(envelope_).value());
  const std::string binary_ = folder_.Write("w1.bin", envelope::EncodeRawEnvelope(envelope_));
  const std::string bundle_ = folder_.Write("roots.pem", authority_.bundle().ToPem());
};

TEST_F(EnvelopeVerbsTest, ShowsBothFormsAlike) {
  const auto from_json = Json("envelope show " + json_);
  EXPECT_EQ(from_json, Json("envelope show " + binary_));
  EXPECT_EQ(from_json["verified"], false);
  EXPECT_EQ(from_json["spiffe_id"], "spiffe://example.org/ns/tenant-a/node/worker/w1");
  EXPECT_EQ(from_json["envelope"]["payload"]["node_id"], "w1");
  EXPECT_EQ(Run("envelope show " + json_ + " -o name").out,
            "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90\n");
}

TEST_F(EnvelopeVerbsTest, VerifiesByABundle) {
  for (const std::string& file : {json_, binary_}) {
    EXPECT_EQ(Json("envelope verify " + file + " --bundle " + bundle_)["verified"], true);
  }
}

TEST_F(EnvelopeVerbsTest, VerifiesByAnIdentityFolder) {
  Run("identity issue --spiffe-id spiffe://example.org/admin/a --out " + folder_.path("a"));
  // The folder trusts another authority of the same name.
  const Outcome outcome = Run("envelope verify " + json_ + " --identity " + folder_.path("a"));
  EXPECT_EQ(outcome.exit_code, 77);
  EXPECT_THAT(outcome.err, HasSubstr("CERT_UNTRUSTED"));
  const Outcome missing = Run("envelope verify " + json_ + " --identity " + folder_.path("none"));
  EXPECT_EQ(missing.exit_code, 66);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("none")));
}

TEST_F(EnvelopeVerbsTest, RefusesForgeries) {
  envelope::RawEnvelope forged = envelope_;
  forged.signature.back() = static_cast<char>(forged.signature.back() ^ 1);
  const Outcome outcome =
      Run("envelope verify " + folder_.Write("f.bin", envelope::EncodeRawEnvelope(forged)) +
          " --bundle " + bundle_);
  EXPECT_EQ(outcome.exit_code, 77);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("SIG_INVALID"));
}

TEST_F(EnvelopeVerbsTest, RefusesAFileThatShowsSomethingElse) {
  std::string json = envelope::ToDisplay(envelope_).value();
  json.replace(json.find("eu-1"), 4, "eu-2");
  const Outcome outcome =
      Run("envelope verify " + folder_.Write("x.json", json) + " --bundle " + bundle_);
  EXPECT_EQ(outcome.exit_code, 77);
  EXPECT_THAT(outcome.err, HasSubstr("differs from what was signed"));
}

TEST_F(EnvelopeVerbsTest, NeedsSomebodyToTrust) {
  EXPECT_EQ(Run("envelope verify " + json_).exit_code, 64);
  EXPECT_EQ(Run("envelope verify " + json_ + " --bundle " + json_).exit_code, 77);
}

TEST_F(EnvelopeVerbsTest, RefusesABundleThatNamesAnotherTrustDomain) {
  const std::string other =
      folder_.Write("other.pem", identity::TestAuthority("other.org").bundle().ToPem());
  const Outcome outcome = Run("envelope verify " + json_ + " --bundle " + other);
  EXPECT_EQ(outcome.exit_code, 77);
  EXPECT_THAT(outcome.err, ::testing::AnyOf(HasSubstr("TD_MISMATCH"), HasSubstr("CERT_UNTRUSTED")));
}

class CheckVerbTest : public VerbsTest {};

TEST_F(CheckVerbTest, FindsProblems) {
  const Outcome outcome = Run("check -o json");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.err, "");
  const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
  EXPECT_EQ(json["services"], 3);
  EXPECT_EQ(json["problems"], 2);
}

TEST_F(CheckVerbTest, IsContentWhenAllAreThereAndReady) {
  world_->http.insert_or_assign("127.0.0.1:8101", world_->http.at("127.0.0.1:8110"));
  const Outcome outcome = Run("check");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  // One has no admin endpoint, which says nothing of its health.
  EXPECT_THAT(outcome.out, HasSubstr("unknown"));
}

TEST_F(CheckVerbTest, CountsAServiceWhoseAdminPortRefuses) {
  world_->http.insert_or_assign("127.0.0.1:8101", world_->http.at("127.0.0.1:8110"));
  world_->http.erase("127.0.0.1:8110");
  const Outcome outcome = Run("check");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("unreachable"));
  EXPECT_THAT(outcome.out, HasSubstr("connection refused; start it"));
}

TEST_F(CheckVerbTest, MissesEachServiceThatIsNotThere) {
  world_->http.insert_or_assign("127.0.0.1:8101", world_->http.at("127.0.0.1:8110"));
  for (const std::string service : {"bootstrap", "attestor", "registry"}) {
    const auto all = world_->registry.nodes;
    std::erase_if(world_->registry.nodes, [&](const directory::NodeViewPtr& view) {
      return view->node_type().value() == service;
    });
    const Outcome outcome = Run("check");
    EXPECT_EQ(outcome.exit_code, 1) << service;
    EXPECT_THAT(outcome.out, HasSubstr("missing"));
    EXPECT_THAT(outcome.out, HasSubstr("start omninode-" + service));
    world_->registry.nodes = all;
  }
}

TEST_F(CheckVerbTest, CountsAnAnswerThatIsNotOurs) {
  world_->http.insert_or_assign("127.0.0.1:8110",
                                http::Response{.status = 404, .body = "<html>\x1b[2J</html>"});
  world_->http.erase("127.0.0.1:8101");
  const Outcome outcome = Run("check");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("HTTP 404"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

TEST_F(CheckVerbTest, BelievesNotReadyWithoutAReason) {
  world_->http.insert_or_assign(
      "127.0.0.1:8110",
      http::Response{.status = 503, .body = R"({"ready":false,"conditions":[]})"});
  world_->http.erase("127.0.0.1:8101");
  EXPECT_THAT(Run("check -o json").out, HasSubstr("\"problems\": 2"));  // and what was erased
}

TEST_F(CheckVerbTest, FailsWithoutARegistry) {
  world_->registry.failure = absl::UnavailableError("connection refused");
  EXPECT_EQ(Run("check").exit_code, 69);
}

}  // namespace
}  // namespace omninode::omnictl
