#include "tools/omnictl/node_events.h"

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/concurrency/thread_name.h"
#include "common/config/file_descriptor.h"

namespace omninode::omnictl {

NodeEvents::NodeEvents(const Clock& clock, std::string ready_file, NodeEventSink sink,
                       std::function<void(absl::Status)> on_failure)
    : clock_(clock),
      ready_file_(std::move(ready_file)),
      sink_(std::move(sink)),
      on_failure_(std::move(on_failure)),
      queue_(kMaxWaiting) {
  // One that a killed run left behind would say what is not true yet.
  if (!ready_file_.empty()) ::unlink(ready_file_.c_str());
  thread_ = std::thread([this] {
    SetThreadName("events");
    Run();
  });
}

NodeEvents::~NodeEvents() {
  stopping_ = true;
  queue_.Close();
  thread_.join();
  if (ready_) ::unlink(ready_file_.c_str());
}

void NodeEvents::Add(std::string_view event, std::string_view position, std::string_view detail,
                     std::string_view reason) {
  queue_.TryPush({.time = clock_.Now(),
                  .event = std::string(event),
                  .position = std::string(position),
                  .detail = std::string(detail),
                  .reason = std::string(reason)});
}

void NodeEvents::Run() {
  bool failed = false;
  while (true) {
    const bool last = stopping_;
    std::vector<NodeEvent> events;
    queue_.PopAll(&events, kMaxWaiting, absl::Minutes(1));
    for (const NodeEvent& event : events) {
      if (failed) continue;
      if (absl::Status status = HandOver(event); !status.ok()) {
        failed = true;
        on_failure_(std::move(status));
      }
    }
    if (last && events.empty()) return;
  }
}

absl::Status NodeEvents::HandOver(const NodeEvent& event) {
  OMNI_RETURN_IF_ERROR(sink_(event));
  if (ready_ || ready_file_.empty() || event.position.empty()) return absl::OkStatus();
  OMNI_RETURN_IF_ERROR(WriteReadyFile(ready_file_, event.position));
  ready_ = true;
  return absl::OkStatus();
}

absl::Status WriteReadyFile(const std::string& path, std::string_view position) {
  const std::string what = "cannot write the ready file " + EscapeForDisplay(path, 256);
  const std::string temporary = path + ".new";
  {
    const config::FileDescriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!file.valid()) return config::ErrnoStatus(errno, what);
    OMNI_RETURN_IF_ERROR(config::WriteAll(
        file, fmt::format("{{\"pid\":{},\"position\":\"{}\"}}\n", ::getpid(), position), what));
  }
  if (::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  ::unlink(temporary.c_str());
  return config::ErrnoStatus(error, what);
}

}  // namespace omninode::omnictl
