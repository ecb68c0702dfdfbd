#ifndef OMNINODE_COMMON_TELEMETRY_SECURITY_EVENT_H_
#define OMNINODE_COMMON_TELEMETRY_SECURITY_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/base/reason.h"
#include "common/telemetry/log.h"
#include "common/telemetry/metrics.h"

namespace omninode::telemetry {

// What is told about one rejection. Never the payload. Borrows: lives for the call. Empty texts are
// left out of the line.
struct RejectEvent {
  Reason reason = Reason::kInternal;
  std::string_view rpc;             // "omninode.registry.v1.RegistryService/Register"
  std::string_view peer_spiffe_id;  // empty: not known
  std::string_view source_address;  // "ipv4:10.0.0.7:41234", as gRPC gives it
  std::string_view ns;              // namespace
  std::string_view message;
};

// The audit trail of rejections: counts each in omninode_reject_total{service,rpc,reason} and logs
// it as the event "reject", at most kBurst lines per reason and peer in a window. The next line of
// that reason and peer, or the "reject_summary" that Flush writes, says in "suppressed" how many
// were left out. A peer is its SPIFFE ID, or its address without the port.
//
// Thread-safe; logger and metrics outlive it. Never fails. Time is the caller's.
class SecurityLog final {
 public:
  static constexpr std::size_t kMaxKeys = 4096;
  static constexpr std::uint64_t kBurst = 5;
  static constexpr std::size_t kMaxPeerBytes = 256;
  static constexpr absl::Duration kWindow = absl::Seconds(10);

  // The families that must be declared in `metrics` first. An rpc that is not in the list counts
  // as "other".
  static std::vector<MetricDefinition> Definitions(std::string_view service,
                                                   std::vector<std::string> rpcs);

  SecurityLog(Logger& logger, Metrics& metrics, std::vector<std::string> rpcs);

  void Rejected(const RejectEvent& event, absl::Time now);

  // Writes what was suppressed in windows that are over and forgets them. Call it now and then,
  // and before the end with absl::InfiniteFuture().
  void Flush(absl::Time now);

  std::size_t keys() const;

 private:
  struct Window {
    absl::Time began;
    std::uint64_t lines = 0;
    std::uint64_t suppressed = 0;
  };
  struct Finished {
    Reason reason;
    std::string peer;
    std::uint64_t suppressed;
  };
  using Key = std::pair<Reason, std::string>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string>()(key.second) * 64 + static_cast<std::size_t>(key.first);
    }
  };

  void Count(const RejectEvent& event);
  // How many were left out before this event's line; nullopt when this one is left out too.
  std::optional<std::uint64_t> Admit(const RejectEvent& event, absl::Time now,
                                     std::vector<Finished>* finished);
  void TakeFinished(absl::Time now, std::vector<Finished>* finished)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LogFinished(const std::vector<Finished>& finished);

  Logger& logger_;
  Metrics& metrics_;
  const std::vector<std::string> rpcs_;
  mutable Mutex mutex_;
  std::unordered_map<Key, Window, KeyHash> windows_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_sweep_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace omninode::telemetry

#endif  // OMNINODE_COMMON_TELEMETRY_SECURITY_EVENT_H_
