#include "common/rpc/serve/local_listener.h"

#include <filesystem>
#include <fstream>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/testing/loopback.h"
#include "omninode/bootstrap/v1/local_identity_service.grpc.pb.h"

namespace omninode::rpc {
namespace {

namespace v1 = omninode::bootstrap::v1;

class LocalService final : public v1::LocalIdentityService::Service {
 public:
  explicit LocalService(Guard& guard) : guard_(guard) {}
  grpc::Status IssueSvid(grpc::ServerContext* context, const v1::IssueSvidRequest*,
                         v1::IssueSvidResponse*) override {
    return guard_.Serve(context, RuleOf("omninode.bootstrap.v1.LocalIdentityService/IssueSvid"),
                        [&](const Caller& caller) {
                          seen = caller.local;
                          return absl::OkStatus();
                        });
  }
  std::optional<LocalPeer> seen;

 private:
  Guard& guard_;
};

absl::Status Issue(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  v1::IssueSvidResponse response;
  return FromGrpc(v1::LocalIdentityService::NewStub(channel)->IssueSvid(
      &context, v1::IssueSvidRequest(), &response));
}

class LocalListenerTest : public testing::Test {
 protected:
  LocalListenerTest() {
    char pattern[] = "/tmp/omni-local-XXXXXX";
    root_ = ::mkdtemp(pattern);
    path_ = root_ + "/admin/bootstrap.sock";
    server_ = Server::Start({.services = {&service_}}).value();
  }
  ~LocalListenerTest() override {
    server_.reset();
    std::filesystem::remove_all(root_);
  }
  absl::StatusOr<std::unique_ptr<LocalListener>> Listen() {
    return LocalListener::Listen(path_, server_->grpc(), loopback_.local_peers, loopback_.logger);
  }

  std::string root_;
  std::string path_;
  Loopback loopback_;
  LocalService service_{loopback_.guard};
  std::unique_ptr<Server> server_;
};

TEST_F(LocalListenerTest, AHandlerKnowsTheProcessThatCalls) {
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(Issue(LocalChannel(path_)).ok());
  EXPECT_EQ(service_.seen, (LocalPeer{.pid = ::getpid(), .uid = ::geteuid()}));
  EXPECT_TRUE(loopback_.sink.Contains(fmt::format(R"("caller":"uid:{}")", ::geteuid())));
}

TEST_F(LocalListenerTest, TheSocketIsForThisUserOnly) {
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok());
  struct stat info = {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat((root_ + "/admin").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(LocalListenerTest, AdmitsTheOwnUserAndRoot) {
  EXPECT_TRUE(LocalListener::Admits(1000, 1000));
  EXPECT_TRUE(LocalListener::Admits(0, 1000));
  EXPECT_FALSE(LocalListener::Admits(1001, 1000));
  EXPECT_FALSE(LocalListener::Admits(1000, 0));
}

TEST_F(LocalListenerTest, TheNetworkIsNotLocal) {
  auto server = Server::Start({.address = "127.0.0.1:0",
                               .credentials = grpc::InsecureServerCredentials(),
                               .services = {&service_}});
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(ReasonOf(Issue(
                grpc::CreateChannel((*server)->address(), grpc::InsecureChannelCredentials()))),
            Reason::kRoleRequired);
}

TEST_F(LocalListenerTest, RefusesAFolderThatOthersCanEnter) {
  std::filesystem::create_directory(root_ + "/admin");
  ::chmod((root_ + "/admin").c_str(), 0750);
  EXPECT_EQ(ReasonOf(Listen().status()), Reason::kKeyFileMode);
}

TEST_F(LocalListenerTest, RefusesASocketInUseAndReplacesAStaleOne) {
  {
    const auto listener = Listen();
    ASSERT_TRUE(listener.ok());
    EXPECT_TRUE(absl::IsUnavailable(Listen().status()));
    // As after a kill: the file stays, nobody listens.
    std::filesystem::rename(path_, path_ + ".stale");
  }
  std::filesystem::rename(path_ + ".stale", path_);
  const auto listener = Listen();
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(Issue(LocalChannel(path_)).ok());
}

TEST_F(LocalListenerTest, LeavesAFileThatIsNoSocketAlone) {
  std::filesystem::create_directory(root_ + "/admin");
  ::chmod((root_ + "/admin").c_str(), 0700);
  std::ofstream(path_) << "precious";
  EXPECT_TRUE(absl::IsUnavailable(Listen().status()));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(LocalListenerTest, RefusesAPathLongerThanTheKernelTakes) {
  path_ = root_ + "/" + std::string(LocalListener::kMaxPathBytes + 1 - root_.size() - 1, 'x');
  EXPECT_NE(Message(Listen().status()).find("1 to 107 bytes"), std::string_view::npos);
}

}  // namespace
}  // namespace omninode::rpc
