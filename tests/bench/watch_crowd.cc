#include "tests/bench/watch_crowd.h"

#include <algorithm>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "common/base/status.h"
#include "omninode/registry/v1/topology_service.pb.h"
#include "tests/bench/watch_peek.h"

namespace omninode::bench {
namespace {

constexpr char kMethod[] = "/omninode.registry.v1.TopologyService/WatchTopology";
constexpr absl::Duration kOpenTimeout = absl::Minutes(1);
constexpr absl::Duration kAskEvery = absl::Milliseconds(100);

std::string RequestFor(const std::string& ns) {
  registry::v1::WatchTopologyRequest request;
  request.set_namespace_(ns);
  request.mutable_snapshot();
  request.mutable_min_interval();  // zero: every version on its own
  request.mutable_bookmark_interval()->set_seconds(60);
  request.set_watcher_name("bench");
  return request.SerializeAsString();
}

}  // namespace

// One stream. Its operations complete one after the other.
class WatchCrowd::Watch final : public Waiter {
 public:
  Watch(WatchCrowd& crowd, const std::shared_ptr<grpc::Channel>& channel) : crowd_(crowd) {
    grpc::GenericStub stub(channel);
    stream_ = stub.PrepareCall(&context_, kMethod, crowd.loop_.queue());
    ++crowd_.open_;
    stream_->StartCall(this_tag());
  }

  void Cancel() { context_.TryCancel(); }

  void OnComplete(bool ok) override {
    if (state_ == State::kEnding) return End();
    if (!ok) {
      state_ = State::kEnding;
      return stream_->Finish(&final_, this_tag());
    }
    if (state_ == State::kStarting) {
      state_ = State::kAsking;
      return stream_->WriteLast(MessageOver(crowd_.request_), grpc::WriteOptions(), this_tag());
    }
    if (state_ == State::kReading) TakeMessage();
    state_ = State::kReading;
    stream_->Read(&message_, this_tag());
  }

 private:
  enum class State : std::uint8_t { kStarting, kAsking, kReading, kEnding };

  void* this_tag() { return static_cast<Waiter*>(this); }

  void TakeMessage() {
    const MonotonicTime now = crowd_.clock_.Monotonic();
    grpc::Slice slice;
    if (!message_.TrySingleSlice(&slice).ok() && !message_.DumpToSingleSlice(&slice).ok()) {
      return crowd_.Fail(absl::InternalError("a message without bytes"));
    }
    const auto peek = PeekAt({reinterpret_cast<const char*>(slice.begin()), slice.size()});
    if (!peek.has_value()) return crowd_.Fail(absl::InternalError("a message that is none"));
    if (peek->event == WatchPeek::Event::kSnapshotEnd) ++crowd_.with_snapshot_;
    if (peek->event != WatchPeek::Event::kDiff) return;
    crowd_.largest_diff_ = std::max(crowd_.largest_diff_, slice.size());
    if (position_ != 0 && peek->previous_version != position_) {
      return crowd_.Fail(Error(absl::StatusCode::kDataLoss, "a diff after {}, expected after {}",
                               peek->previous_version, position_));
    }
    position_ = peek->previous_version + 1;
    crowd_.Got(position_, now);
  }

  void End() {
    --crowd_.open_;
    if (crowd_.closing_) return;
    crowd_.Fail(
        Error(absl::StatusCode::kUnavailable, "a watch ended: {}",
              final_.error_message().empty() ? "without a reason" : final_.error_message()));
  }

  WatchCrowd& crowd_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer message_;
  grpc::Status final_;
  State state_ = State::kStarting;
  std::uint64_t position_ = 0;  // the version after the last diff
};

WatchCrowd::WatchCrowd(EventLoop& loop, const Clock& clock) : loop_(loop), clock_(clock) {}

absl::StatusOr<std::unique_ptr<WatchCrowd>> WatchCrowd::Open(EventLoop& loop, const Clock& clock,
                                                             const Options& options) {
  std::unique_ptr<WatchCrowd> crowd(new WatchCrowd(loop, clock));
  crowd->request_ = RequestFor(options.ns);
  for (std::size_t i = 0; i < options.watchers; ++i) {
    crowd->watches_.push_back(
        std::make_unique<Watch>(*crowd, options.channels[i % options.channels.size()]));
  }
  const MonotonicTime deadline = clock.Monotonic() + kOpenTimeout;
  while (crowd->with_snapshot_ < options.watchers) {
    loop.Step(clock.Monotonic() + kAskEvery);
    OMNI_RETURN_IF_ERROR(crowd->status_);
    if (options.interrupted()) return absl::CancelledError("interrupted");
    if (clock.Monotonic() >= deadline) {
      return Error(absl::StatusCode::kDeadlineExceeded, "{} of {} watches have a snapshot after {}",
                   crowd->with_snapshot_, options.watchers, absl::FormatDuration(kOpenTimeout));
    }
  }
  return crowd;
}

WatchCrowd::~WatchCrowd() {
  closing_ = true;
  for (auto& watch : watches_) watch->Cancel();
  while (open_ > 0) loop_.Step(clock_.Monotonic() + kAskEvery);
}

void WatchCrowd::Got(std::uint64_t version, MonotonicTime at) {
  const auto entry = got_.try_emplace(version, 0).first;
  if (++entry->second < watches_.size()) return;
  got_.erase(entry);
  if (told_) told_(version, at);
}

void WatchCrowd::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

}  // namespace omninode::bench
