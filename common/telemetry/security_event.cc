#include "common/telemetry/security_event.h"

#include <algorithm>

namespace omninode::telemetry {
namespace {

constexpr char kRejectMetric[] = "omninode_reject_total";
constexpr std::string_view kOther = "other";

LogLevel LevelOf(Reason reason) {
  switch (RowOf(reason).level) {
    case RejectLevel::kInfo:
      return LogLevel::kInfo;
    case RejectLevel::kWarning:
      return LogLevel::kWarning;
    case RejectLevel::kError:
      break;
  }
  return LogLevel::kError;
}

std::string_view WithoutPort(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

std::string PeerOf(const RejectEvent& event) {
  const std::string_view peer =
      event.peer_spiffe_id.empty() ? WithoutPort(event.source_address) : event.peer_spiffe_id;
  return std::string(peer.substr(0, SecurityLog::kMaxPeerBytes));
}

bool IsOver(absl::Time began, absl::Time now) {
  // A wall clock that was set back must not make a window last for ever.
  return now < began || now - began >= SecurityLog::kWindow;
}

}  // namespace

std::vector<MetricDefinition> SecurityLog::Definitions(std::string_view service,
                                                       std::vector<std::string> rpcs) {
  std::vector<std::string> reasons;
  for (const ReasonRow& row : ReasonTable()) reasons.emplace_back(row.name);
  rpcs.emplace_back(kOther);
  return {{kRejectMetric,
           MetricType::kCounter,
           "Requests refused, by reason; alert on a rise of reasons that honest clients never see.",
           "1",
           {{"service", {std::string(service)}},
            {"rpc", std::move(rpcs)},
            {"reason", std::move(reasons)}}}};
}

SecurityLog::SecurityLog(Logger& logger, Metrics& metrics, std::vector<std::string> rpcs)
    : logger_(logger), metrics_(metrics), rpcs_(std::move(rpcs)) {}

void SecurityLog::Rejected(const RejectEvent& event, absl::Time now) {
  Count(event);
  std::vector<Finished> finished;
  const std::optional<std::uint64_t> suppressed = Admit(event, now, &finished);
  LogFinished(finished);
  if (!suppressed.has_value()) return;

  std::vector<Field> fields = {{"reason", NameOf(event.reason)}, {"rpc", event.rpc}};
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) fields.emplace_back(key, value);
  };
  add("peer_spiffe_id", event.peer_spiffe_id.substr(0, kMaxPeerBytes));
  add("source_address", event.source_address);
  add("namespace", event.ns);
  add("message", event.message);
  if (*suppressed > 0) fields.emplace_back("suppressed", *suppressed);
  logger_.Log(LevelOf(event.reason), "reject", fields);
}

void SecurityLog::Flush(absl::Time now) {
  std::vector<Finished> finished;
  {
    MutexLock lock(mutex_);
    TakeFinished(now, &finished);
  }
  LogFinished(finished);
}

std::size_t SecurityLog::keys() const {
  MutexLock lock(mutex_);
  return windows_.size();
}

void SecurityLog::Count(const RejectEvent& event) {
  const bool known = std::ranges::find(rpcs_, event.rpc) != rpcs_.end();
  metrics_
      .GetCounter(kRejectMetric,
                  {logger_.service(), known ? event.rpc : kOther, NameOf(event.reason)})
      .Increment();
}

std::optional<std::uint64_t> SecurityLog::Admit(const RejectEvent& event, absl::Time now,
                                                std::vector<Finished>* finished) {
  const std::size_t max_peers = kMaxKeys - ReasonTable().size();
  Key key(event.reason, PeerOf(event));
  MutexLock lock(mutex_);
  if (windows_.size() >= max_peers && !windows_.contains(key)) {
    // A sweep looks at every key, so a flood of new peers may cause only one per window.
    if (IsOver(last_sweep_, now)) {
      last_sweep_ = now;
      TakeFinished(now, finished);
    }
    // Still full: the newcomers of a reason share one window, for which room was left.
    if (windows_.size() >= max_peers) key.second = kOther;
  }
  Window& window = windows_.try_emplace(std::move(key), Window{now}).first->second;
  const std::uint64_t suppressed = window.suppressed;
  if (IsOver(window.began, now)) window = Window{now};
  if (window.lines >= kBurst) {
    ++window.suppressed;
    return std::nullopt;
  }
  ++window.lines;
  return suppressed;
}

void SecurityLog::TakeFinished(absl::Time now, std::vector<Finished>* finished) {
  std::erase_if(windows_, [&](const auto& entry) {
    const auto& [key, window] = entry;
    if (!IsOver(window.began, now)) return false;
    if (window.suppressed > 0) finished->push_back({key.first, key.second, window.suppressed});
    return true;
  });
}

void SecurityLog::LogFinished(const std::vector<Finished>& finished) {
  for (const Finished& each : finished) {
    logger_.Log(
        LevelOf(each.reason), "reject_summary",
        std::vector<Field>{
            {"reason", NameOf(each.reason)}, {"peer", each.peer}, {"suppressed", each.suppressed}});
  }
}

}  // namespace omninode::telemetry
