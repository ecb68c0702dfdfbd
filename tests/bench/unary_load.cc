#include "tests/bench/unary_load.h"

#include <chrono>
#include <optional>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "tests/bench/event_loop.h"

namespace omninode::bench {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);
constexpr absl::Duration kAskEvery = absl::Milliseconds(100);

class Driver final {
 public:
  Driver(const UnaryLoad& load, std::span<const std::string> requests, const Clock& clock)
      : load_(load), requests_(requests), clock_(clock), loop_(clock) {
    for (const auto& channel : load.channels) stubs_.emplace_back(channel);
    for (std::size_t i = 0; i < load.in_flight; ++i) {
      calls_.push_back(std::make_unique<Call>(*this, stubs_[i % stubs_.size()]));
    }
  }

  absl::StatusOr<UnaryOutcome> Run() {
    began_ = clock_.Monotonic();
    last_answer_ = began_;
    for (auto& call : calls_) call->SendNext();
    MonotonicTime ask_at = began_;
    bool interrupted = false;
    while (under_way_ > 0) {
      const MonotonicTime now = clock_.Monotonic();
      if (now >= ask_at) {
        ask_at = now + kAskEvery;
        interrupted = interrupted || load_.interrupted();
        if (interrupted) CancelAll();
      }
      loop_.Step(ask_at);
    }
    if (interrupted) return absl::CancelledError("interrupted");
    outcome_.elapsed = last_answer_ - began_;
    return std::move(outcome_);
  }

 private:
  // One place in flight: a call, then the next one.
  class Call final : public Waiter {
   public:
    Call(Driver& driver, grpc::GenericStub& stub) : driver_(driver), stub_(stub) {}

    void SendNext() {
      const std::string* request = driver_.TakeRequest();
      if (request == nullptr) return;
      ++driver_.under_way_;
      context_.emplace();
      context_->set_deadline(absl::ToChronoTime(driver_.clock_.Now() + kCallTimeout));
      sent_at_ = driver_.clock_.Monotonic();
      reader_ = stub_.PrepareUnaryCall(&*context_, driver_.load_.method, MessageOver(*request),
                                       driver_.loop_.queue());
      reader_->StartCall();
      reader_->Finish(&response_, &status_, static_cast<Waiter*>(this));
    }

    void OnComplete(bool /*ok*/) override {
      --driver_.under_way_;
      driver_.Answered(sent_at_, status_);
      reader_.reset();
      SendNext();
    }

    void Cancel() {
      if (reader_ != nullptr) context_->TryCancel();
    }

   private:
    Driver& driver_;
    grpc::GenericStub& stub_;
    std::optional<grpc::ClientContext> context_;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader_;
    grpc::ByteBuffer response_;
    grpc::Status status_;
    MonotonicTime sent_at_;
  };

  // Null when nothing more is to be sent.
  const std::string* TakeRequest() {
    if (stopped_ || clock_.Monotonic() - began_ >= load_.duration) return nullptr;
    if (next_ < requests_.size()) return &requests_[next_++];
    outcome_.ran_out = true;
    return nullptr;
  }

  void Answered(MonotonicTime sent_at, const grpc::Status& status) {
    last_answer_ = clock_.Monotonic();
    if (status.ok()) {
      ++outcome_.succeeded;
      outcome_.latencies.Add(last_answer_ - sent_at);
      return;
    }
    if (outcome_.failed++ == 0) outcome_.first_failure = status.error_message();
  }

  void CancelAll() {
    stopped_ = true;
    for (auto& call : calls_) call->Cancel();
  }

  const UnaryLoad& load_;
  const std::span<const std::string> requests_;
  const Clock& clock_;
  EventLoop loop_;
  std::vector<grpc::GenericStub> stubs_;
  std::vector<std::unique_ptr<Call>> calls_;
  UnaryOutcome outcome_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  bool stopped_ = false;
  MonotonicTime began_;
  MonotonicTime last_answer_;
};

}  // namespace

absl::StatusOr<UnaryOutcome> RunUnaryLoad(const UnaryLoad& load,
                                          std::span<const std::string> requests,
                                          const Clock& clock) {
  Driver driver(load, requests, clock);
  return driver.Run();
}

}  // namespace omninode::bench
