#include "common/rpc/stream/bidi_reactor.h"

#include <deque>
#include <thread>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/time/fake_clock.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"

namespace omninode::rpc {
namespace {

namespace v1 = omninode::registry::v1;

// What the handler of the reactors under test does, and what became of them.
struct Observer {
  Mutex mutex;
  CondVar changed;
  std::deque<BidiReactor::Reply> unanswered ABSL_GUARDED_BY(mutex);
  std::vector<absl::Status> closed ABSL_GUARDED_BY(mutex);
  int handled ABSL_GUARDED_BY(mutex) = 0;
  int alive ABSL_GUARDED_BY(mutex) = 0;
  std::shared_ptr<BidiReactor::Handle> handle ABSL_GUARDED_BY(mutex);

  BidiReactor::Reply AwaitUnanswered() {
    MutexLock lock(mutex);
    while (unanswered.empty()) changed.Wait(mutex);
    BidiReactor::Reply reply = std::move(unanswered.front());
    unanswered.pop_front();
    return reply;
  }
  std::shared_ptr<BidiReactor::Handle> AwaitHandle() {
    MutexLock lock(mutex);
    while (handle == nullptr) changed.Wait(mutex);
    return handle;
  }
  std::vector<absl::Status> AwaitGone() {
    MutexLock lock(mutex);
    while (handle == nullptr || alive != 0) changed.Wait(mutex);
    return closed;
  }
};

BidiReactor::Answer AnswerOf(std::uint64_t lease, bool last = false) {
  v1::HeartbeatResponse response;
  response.add_results()->set_lease_handle(lease);
  return {SerializeMessage(response), last};
}

// Echoes the first lease handle of each batch. 0: the reply is left to the test; 99: the last.
class EchoReactor final : public BidiReactor {
 public:
  EchoReactor(grpc::CallbackServerContext* context, const Clock& clock, Observer& observer)
      : BidiReactor(context, clock,
                    [&observer](const absl::Status& status) {
                      MutexLock lock(observer.mutex);
                      observer.closed.push_back(status);
                      return ToGrpc(OnWire(status));
                    }),
        observer_(observer) {
    MutexLock lock(observer_.mutex);
    ++observer_.alive;
    observer_.handle = handle();
    observer_.changed.NotifyAll();
  }
  ~EchoReactor() override {
    MutexLock lock(observer_.mutex);
    --observer_.alive;
    observer_.changed.NotifyAll();
  }

 private:
  void OnMessage(const grpc::ByteBuffer& bytes, Reply reply) override {
    v1::HeartbeatRequest request;
    if (absl::Status parsed = ParseMessage(bytes, 1024, &request); !parsed.ok()) {
      reply(std::move(parsed));
      return;
    }
    const std::uint64_t lease = request.batch().beats(0).lease_handle();
    {
      MutexLock lock(observer_.mutex);
      ++observer_.handled;
      if (lease == 0) {
        observer_.unanswered.push_back(std::move(reply));
        observer_.changed.NotifyAll();
        return;
      }
    }
    reply(AnswerOf(lease, lease == 99));
  }
  Observer& observer_;
};

class BeatService final
    : public v1::RegistryService::WithRawCallbackMethod_Heartbeat<v1::RegistryService::Service> {
 public:
  BeatService(const Clock& clock, Observer& observer) : clock_(clock), observer_(observer) {}
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Heartbeat(
      grpc::CallbackServerContext* context) override {
    auto* reactor = new EchoReactor(context, clock_, observer_);
    reactor->Begin();
    return reactor;
  }

 private:
  const Clock& clock_;
  Observer& observer_;
};

class BidiReactorTest : public testing::Test {
 protected:
  BidiReactorTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    stub_ = v1::RegistryService::NewStub(grpc::CreateCustomChannel(
        fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials(), arguments));
    stream_ = stub_->Heartbeat(&context_);
  }
  ~BidiReactorTest() override {
    context_.TryCancel();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  bool Write(std::uint64_t lease, std::size_t padding = 0) {
    v1::HeartbeatRequest request;
    auto* beat = request.mutable_batch()->add_beats();
    beat->set_lease_handle(lease);
    beat->set_mac(std::string(padding, 'm'));
    return stream_->Write(request);
  }
  std::uint64_t Read() {
    v1::HeartbeatResponse response;
    return stream_->Read(&response) ? response.results(0).lease_handle() : 0;
  }

  FakeClock clock_;
  Observer observer_;
  BeatService service_{clock_, observer_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::RegistryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::HeartbeatRequest, v1::HeartbeatResponse>> stream_;
};

TEST_F(BidiReactorTest, AnswersEachMessageInOrder) {
  for (std::uint64_t lease = 1; lease <= 50; ++lease) ASSERT_TRUE(Write(lease));
  for (std::uint64_t lease = 1; lease <= 50; ++lease) ASSERT_EQ(Read(), lease);
  stream_->WritesDone();
  EXPECT_EQ(Read(), 0u);
  EXPECT_TRUE(stream_->Finish().ok());
  EXPECT_EQ(observer_.AwaitGone(), (std::vector<absl::Status>{absl::OkStatus()}));
}

TEST_F(BidiReactorTest, TheLastAnswerEndsTheStream) {
  ASSERT_TRUE(Write(99));
  EXPECT_EQ(Read(), 99u);
  EXPECT_EQ(Read(), 0u);
  EXPECT_TRUE(stream_->Finish().ok());
  observer_.AwaitGone();
}

TEST_F(BidiReactorTest, AHalfClosedStreamStillGetsTheAnswerInWork) {
  ASSERT_TRUE(Write(0));
  stream_->WritesDone();
  observer_.AwaitUnanswered()(AnswerOf(7));
  EXPECT_EQ(Read(), 7u);
  EXPECT_EQ(Read(), 0u);
  EXPECT_TRUE(stream_->Finish().ok());
}

TEST_F(BidiReactorTest, HandlesOneMessageAtATime) {
  ASSERT_TRUE(Write(0));
  ASSERT_TRUE(Write(5));
  BidiReactor::Reply reply = observer_.AwaitUnanswered();
  {
    MutexLock lock(observer_.mutex);
    EXPECT_EQ(observer_.handled, 1);
  }
  reply(AnswerOf(4));
  EXPECT_EQ(Read(), 4u);
  EXPECT_EQ(Read(), 5u);
}

TEST_F(BidiReactorTest, AnErrorOfTheHandlerEndsTheStreamWithItsReason) {
  ASSERT_TRUE(Write(1, 2000));  // over the handler's limit
  EXPECT_EQ(Read(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kMsgTooLarge);
}

TEST_F(BidiReactorTest, ADroppedReplyIsAnInternalError) {
  ASSERT_TRUE(Write(0));
  { const BidiReactor::Reply dropped = observer_.AwaitUnanswered(); }
  EXPECT_EQ(Read(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kInternal);
}

TEST_F(BidiReactorTest, EndWinsOverAReplyThatComesLater) {
  ASSERT_TRUE(Write(0));
  BidiReactor::Reply reply = observer_.AwaitUnanswered();
  observer_.AwaitHandle()->End(Reject(Reason::kCertExpired, "over"));
  EXPECT_EQ(Read(), 0u);
  EXPECT_EQ(ReasonOf(FromGrpc(stream_->Finish())), Reason::kCertExpired);
  EXPECT_EQ(observer_.AwaitGone().size(), 1u);
  reply(AnswerOf(1));  // to nobody
}

TEST_F(BidiReactorTest, APeerThatGoesAwayTakesTheReactorWithIt) {
  ASSERT_TRUE(Write(0));
  const BidiReactor::Reply reply = observer_.AwaitUnanswered();
  context_.TryCancel();
  EXPECT_EQ(observer_.AwaitGone().size(), 1u);
}

TEST_F(BidiReactorTest, DoesNotReadFromAPeerThatDoesNotRead) {
  // The peer floods and never reads: what is handled stays bounded by the flow-control windows.
  const auto handle = observer_.AwaitHandle();
  std::thread writer([&] {
    while (Write(1, 900)) {
    }
  });
  while (handle->WriteAge(clock_.Monotonic()) < absl::Seconds(21)) clock_.Advance(absl::Seconds(1));
  handle->Cancel();
  writer.join();
  observer_.AwaitGone();
}

}  // namespace
}  // namespace omninode::rpc
