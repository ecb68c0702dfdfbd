#ifndef OMNINODE_COMMON_RPC_STREAM_STREAM_HANDLE_H_
#define OMNINODE_COMMON_RPC_STREAM_STREAM_HANDLE_H_

#include <utility>

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/time/time.h>
#include <grpcpp/support/status.h>

#include "common/time/monotonic_time.h"

namespace omninode::rpc {

// The end of an open stream that others hold. It may outlive the stream: then every call does
// nothing. Thread-safe. None of the calls blocks.
class StreamHandle {
 public:
  virtual ~StreamHandle() = default;

  // Ends the stream with `status` after the write in flight, if there is one. The first status
  // given counts.
  virtual void End(absl::Status status) = 0;

  // The same as soon as there is nothing to send: what is due goes out first.
  virtual void EndWhenIdle(absl::Status status) { End(std::move(status)); }

  // Ends the stream at once; the peer sees CANCELLED. For peers that do not read: behind a stuck
  // write End would wait for ever.
  virtual void Cancel() = 0;

  // How long the write in flight has been waiting for the peer; zero without one.
  virtual absl::Duration WriteAge(MonotonicTime now) const = 0;
};

// Turns the outcome of a stream into what is sent, and counts it. Called exactly once.
using StreamCloser = absl::AnyInvocable<grpc::Status(const absl::Status&)>;

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_STREAM_STREAM_HANDLE_H_
