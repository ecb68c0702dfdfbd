#include "common/rpc/stream/write_reactor.h"

#include <atomic>
#include <deque>
#include <thread>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/time/fake_clock.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"

namespace omninode::rpc {
namespace {

namespace v1 = omninode::registry::v1;

// What the reactors under test send, and how many of them are alive.
class Script {
 public:
  void Add(WriteReactor::Next next) {
    MutexLock lock(mutex_);
    items_.push_back(std::move(next));
  }
  void AddVersion(std::uint64_t version, std::size_t padding = 0) {
    v1::WatchTopologyResponse message;
    message.set_previous_version(version);
    message.mutable_started()->set_watch_id(std::string(padding, 'x'));
    Add(WriteReactor::Send{std::make_shared<const grpc::ByteBuffer>(SerializeMessage(message))});
  }
  WriteReactor::Next Take() {
    MutexLock lock(mutex_);
    ++asked_;
    changed_.NotifyAll();
    if (items_.empty()) return WriteReactor::Wait{};
    WriteReactor::Next next = std::move(items_.front());
    items_.pop_front();
    return next;
  }
  void AddAlive(int by) {
    MutexLock lock(mutex_);
    alive_ += by;
    changed_.NotifyAll();
  }
  void Opened(std::shared_ptr<WriteReactor::Handle> handle) {
    MutexLock lock(mutex_);
    handle_ = std::move(handle);
    changed_.NotifyAll();
  }
  void Closed(const absl::Status& status) {
    MutexLock lock(mutex_);
    closed_.push_back(status);
  }

  std::shared_ptr<WriteReactor::Handle> AwaitHandle() {
    MutexLock lock(mutex_);
    while (handle_ == nullptr) changed_.Wait(mutex_);
    return handle_;
  }
  void AwaitAsked(int times) {
    MutexLock lock(mutex_);
    while (asked_ < times) changed_.Wait(mutex_);
  }
  std::vector<absl::Status> AwaitGone() {
    MutexLock lock(mutex_);
    while (handle_ == nullptr || alive_ != 0) changed_.Wait(mutex_);
    return closed_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<WriteReactor::Next> items_ ABSL_GUARDED_BY(mutex_);
  int alive_ ABSL_GUARDED_BY(mutex_) = 0;
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<WriteReactor::Handle> handle_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Status> closed_ ABSL_GUARDED_BY(mutex_);
};

class ScriptedReactor final : public WriteReactor {
 public:
  ScriptedReactor(grpc::CallbackServerContext* context, const Clock& clock, Script& script)
      : WriteReactor(context, clock,
                     [&script](const absl::Status& status) {
                       script.Closed(status);
                       return ToGrpc(OnWire(status));
                     }),
        script_(script) {
    script_.AddAlive(1);
    script_.Opened(handle());
  }
  ~ScriptedReactor() override { script_.AddAlive(-1); }

 private:
  Next NextMessage() override { return script_.Take(); }
  Script& script_;
};

class WatchService final : public v1::TopologyService::WithRawCallbackMethod_WatchTopology<
                               v1::TopologyService::Service> {
 public:
  WatchService(const Clock& clock, Script& script) : clock_(clock), script_(script) {}
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchTopology(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer*) override {
    auto* reactor = new ScriptedReactor(context, clock_, script_);
    reactor->Begin();
    return reactor;
  }

 private:
  const Clock& clock_;
  Script& script_;
};

class WriteReactorTest : public testing::Test {
 protected:
  WriteReactorTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // or the window grows and nothing gets stuck
    stub_ = v1::TopologyService::NewStub(grpc::CreateCustomChannel(
        fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials(), arguments));
    stream_ = stub_->WatchTopology(&context_, v1::WatchTopologyRequest());
  }
  ~WriteReactorTest() override {
    context_.TryCancel();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  std::uint64_t ReadVersion() {
    v1::WatchTopologyResponse message;
    return stream_->Read(&message) ? message.previous_version() : 0;
  }

  FakeClock clock_;
  Script script_;
  WatchService service_{clock_, script_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::TopologyService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchTopologyResponse>> stream_;
};

TEST_F(WriteReactorTest, SendsInOrderWaitsAndGoesOnWhenWoken) {
  const auto handle = script_.AwaitHandle();
  for (std::uint64_t version = 1; version <= 3; ++version) script_.AddVersion(version);
  handle->Wake();
  EXPECT_EQ(ReadVersion(), 1u);
  EXPECT_EQ(ReadVersion(), 2u);
  EXPECT_EQ(ReadVersion(), 3u);

  script_.AddVersion(4);
  script_.Add(WriteReactor::Close{absl::OkStatus()});
  handle->Wake();
  EXPECT_EQ(ReadVersion(), 4u);
  EXPECT_EQ(ReadVersion(), 0u);
  EXPECT_TRUE(stream_->Finish().ok());
  EXPECT_EQ(script_.AwaitGone(), (std::vector<absl::Status>{absl::OkStatus()}));
}

TEST_F(WriteReactorTest, EndReachesAnIdlePeerWithItsReason) {
  const auto handle = script_.AwaitHandle();
  script_.AwaitAsked(1);
  handle->End(Reject(Reason::kCertRevoked, "revoked"));
  handle->End(Reject(Reason::kShuttingDown, "too late to count"));
  EXPECT_EQ(ReadVersion(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kCertRevoked);
  EXPECT_EQ(script_.AwaitGone().size(), 1u);
}

TEST_F(WriteReactorTest, EndWhenIdleLetsWhatIsDueGoFirst) {
  const auto handle = script_.AwaitHandle();
  script_.AwaitAsked(1);
  script_.AddVersion(1);
  script_.AddVersion(2);
  handle->EndWhenIdle(Reject(Reason::kShuttingDown, "going down"));
  handle->EndWhenIdle(Reject(Reason::kInternal, "too late to count"));
  EXPECT_EQ(ReadVersion(), 1u);
  EXPECT_EQ(ReadVersion(), 2u);
  EXPECT_EQ(ReadVersion(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kShuttingDown);
  EXPECT_EQ(script_.AwaitGone().size(), 1u);
}

TEST_F(WriteReactorTest, APeerThatGoesAwayTakesTheReactorWithIt) {
  script_.AwaitHandle();
  context_.TryCancel();
  const std::vector<absl::Status> closed = script_.AwaitGone();
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_TRUE(absl::IsCancelled(closed[0]));
}

TEST_F(WriteReactorTest, AStuckWriteIsSeenAndCancelled) {
  const auto handle = script_.AwaitHandle();
  // More than the peer's window holds, and it never reads.
  for (std::uint64_t version = 1; version <= 64; ++version) script_.AddVersion(version, 1 << 16);
  handle->Wake();
  // Writes end until the window is full. From then on the age only grows.
  while (handle->WriteAge(clock_.Monotonic()) < absl::Seconds(21)) clock_.Advance(absl::Seconds(1));
  handle->End(Reject(Reason::kWatchSlow, "does not read"));
  handle->Cancel();
  EXPECT_EQ(ReasonOf(script_.AwaitGone().at(0)), Reason::kWatchSlow);
}

TEST_F(WriteReactorTest, TheHandleOutlivesTheStream) {
  const auto handle = script_.AwaitHandle();
  context_.TryCancel();
  script_.AwaitGone();
  script_.AddVersion(1);
  handle->Wake();
  handle->End(absl::OkStatus());
  handle->Cancel();
  EXPECT_EQ(handle->WriteAge(clock_.Monotonic()), absl::ZeroDuration());
  EXPECT_EQ(script_.AwaitGone().size(), 1u);
}

TEST_F(WriteReactorTest, ManyWakersLoseAndDoubleNothing) {
  constexpr std::uint64_t kEach = 500;
  const auto handle = script_.AwaitHandle();
  std::vector<std::thread> wakers;
  for (int i = 0; i < 4; ++i) {
    wakers.emplace_back([&] {
      for (std::uint64_t n = 1; n <= kEach; ++n) {
        script_.AddVersion(n);
        handle->Wake();
      }
    });
  }
  std::uint64_t received = 0;
  while (received < 4 * kEach && ReadVersion() != 0) ++received;
  for (std::thread& waker : wakers) waker.join();
  EXPECT_EQ(received, 4 * kEach);
  handle->End(absl::OkStatus());
  EXPECT_EQ(ReadVersion(), 0u);
  script_.AwaitGone();
}

TEST_F(WriteReactorTest, EndFromManyThreadsFinishesOnce) {
  const auto handle = script_.AwaitHandle();
  std::vector<std::thread> enders;
  for (int i = 0; i < 4; ++i) {
    enders.emplace_back([&] { handle->End(Reject(Reason::kShuttingDown, "bye")); });
  }
  for (std::thread& ender : enders) ender.join();
  EXPECT_EQ(ReadVersion(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kShuttingDown);
  EXPECT_EQ(script_.AwaitGone().size(), 1u);
}

}  // namespace
}  // namespace omninode::rpc
