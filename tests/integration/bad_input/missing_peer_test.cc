#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tests/integration/bad_input/shell.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/temporary_folder.h"
#include "tools/testbed/wait.h"

namespace omninode::bad_input {
namespace {

using testbed::Cluster;
using testing::HasSubstr;

constexpr absl::Duration kSoon = absl::Seconds(30);

// A network of its own for each test, because each takes a part of it away.
class MissingPeerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto cluster = Cluster::Start({.dir = folder_.path() + "/c",
                                   .bin_dir = OMNINODE_BIN_DIR,
                                   .more_args = {{"registry", {"--trust.max-age", "2s"}},
                                                 {"attestor", {"--trust.max-age", "2s"}}}});
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
  }
  void TearDown() override {
    if (!HasFailure() || cluster_ == nullptr) return;
    folder_.Keep();
    std::cerr << cluster_->LogExcerpts() << "logs and state: " << folder_.path() << "\n";
  }

  static absl::Status NotReady(const testbed::ServiceProcess& service, std::string_view condition) {
    const absl::Status answer = service.HttpGet("/readyz").status();
    const std::string expected = fmt::format(R"("name":"{}","state":"failed")", condition);
    if (Message(answer).find(expected) != std::string_view::npos) return absl::OkStatus();
    return Error(absl::StatusCode::kInternal, "/readyz says {}", Message(answer));
  }

  testbed::TemporaryFolder folder_;
  std::unique_ptr<Cluster> cluster_;
};

TEST_F(MissingPeerTest, WithoutBootstrapServicesStartAreNotReadySayWhyAndStopInOrder) {
  ASSERT_TRUE(cluster_->StopAll().ok());
  ASSERT_TRUE(cluster_->StartRegistry().ok());
  ASSERT_TRUE(cluster_->StartAttestor().ok());
  for (testbed::ServiceProcess* service : {&cluster_->registry(), &cluster_->attestor()}) {
    const absl::Status failed =
        testbed::Eventually(kSoon, [&] { return NotReady(*service, "trust"); });
    EXPECT_TRUE(failed.ok()) << service->name() << ": " << failed;
    EXPECT_TRUE(service->HttpGet("/livez").ok());
    bool said = false;
    for (const auto& line : service->LogLines()) {
      said |= testbed::ValueOf(line, "event") == "trust_stream_ended" &&
              testbed::ValueOf(line, "error").find("Connection refused") != std::string::npos;
    }
    EXPECT_TRUE(said) << service->LastLogLines();
    const absl::Status stopped = service->Stop(kSoon);
    EXPECT_TRUE(stopped.ok()) << stopped;
  }
}

TEST_F(MissingPeerTest, WithoutBootstrapTheRegistryReadsButDoesNotWrite) {
  ASSERT_TRUE(cluster_->AllowNodes("default").ok());
  const auto worker =
      *directory::Introspection::Create({.ns = "default", .node_type = "worker", .node_id = "w1"});
  const auto member = cluster_->JoinNode(worker);
  ASSERT_TRUE(member.ok()) << member.status();
  const auto Register = [&]() -> absl::Status {
    OMNI_ASSIGN_OR_RETURN(const auto envelope, (*member)->Seal(worker, (*member)->NextSequence()));
    return (*member)->registry().Register(envelope).status();
  };
  ASSERT_TRUE(Register().ok());
  const absl::Status ready =
      testbed::Eventually(kSoon, [&] { return cluster_->registry().HttpGet("/readyz").status(); });
  ASSERT_TRUE(ready.ok()) << ready;
  cluster_->bootstrap().Kill();
  const absl::Status failed =
      testbed::Eventually(kSoon, [&] { return NotReady(cluster_->registry(), "trust"); });
  EXPECT_TRUE(failed.ok()) << failed;
  EXPECT_EQ(ReasonOf(Register()), Reason::kTrustStale);
  EXPECT_TRUE(
      cluster_->admin().registry().ListNodes(*NamespaceName::Parse("default")).status().ok());
}

TEST_F(MissingPeerTest, SigtermWhileAServiceStartsEndsItWithNothingBroken) {
  ASSERT_TRUE(cluster_->StopAll().ok());
  const std::string dir = folder_.path() + "/c";
  Shell shell({.dir = folder_.path(), .bin_dir = OMNINODE_BIN_DIR});
  const std::string ports = " --listen 127.0.0.1:0 --admin.listen 127.0.0.1:0 --ready-file ready";
  for (const std::string command :
       {"omninode-bootstrap run --data-dir c/data/bootstrap --admin-socket c/admin/sock",
        "omninode-attestor --identity-dir c/identities/attestor",
        "omninode-registry --data-dir c/data/registry --identity-dir c/identities/registry"}) {
    auto started = shell.Start("exec " + command + ports);
    ASSERT_TRUE(started.ok()) << started.status();
    // From when it blocks the signal, which is the first thing that a service does.
    const std::string status = fmt::format("/proc/{}/status", started->process->pid());
    ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] {
      const std::string text = ReadAll(status);
      const std::size_t at = text.find("SigBlk:\t");
      if (at == std::string::npos) return false;
      const std::uint64_t blocked = std::stoull(text.substr(at + 8, 16), nullptr, 16);
      return (blocked & (1ULL << (SIGTERM - 1))) != 0;
    })) << command;
    ASSERT_TRUE(started->process->Signal(SIGTERM).ok());
    const auto outcome = Shell::Finish(*started, kSoon);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->code, 0) << command << "\n" << outcome->err;
    EXPECT_TRUE(PlainLines(outcome->err).empty()) << outcome->err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/ready")) << command;
  }
  EXPECT_TRUE(cluster_->StartRegistry().ok());
}

}  // namespace
}  // namespace omninode::bad_input
