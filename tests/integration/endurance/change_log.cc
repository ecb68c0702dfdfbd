#include "tests/integration/endurance/change_log.h"

#include <cstdlib>
#include <variant>

#include "common/base/status.h"
#include "common/node/topology_stream_client.h"

namespace omninode::integration {
namespace {

constexpr absl::Duration kNextWithin = absl::Seconds(10);

std::uint64_t SequenceOf(const directory::TopologyChange& change) {
  if (change.node == nullptr) return 0;
  for (const auto& capability : change.node->introspection.capabilities()) {
    if (capability.name().value() == WriteLoad::kSequence) {
      return std::strtoull(capability.value().c_str(), nullptr, 10);
    }
  }
  return 0;
}

absl::Status Next(std::uint64_t before, std::uint64_t version) {
  if (version == before + 1) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, "version {} came after {}", version, before);
}

}  // namespace

absl::Status AddChange(const directory::Position& position, const directory::TopologyChange& change,
                       LoggedWrites* log) {
  const auto [_, fresh] =
      log->insert({{position.version, change.node_id.value()}, SequenceOf(change)});
  if (fresh) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, "two changes of {} at {}", change.node_id.value(),
               position.ToString());
}

absl::StatusOr<LoggedWrites> ReadChangeLog(testbed::Member& member, const NamespaceName& ns,
                                           const directory::Position& from,
                                           const directory::Position& to) {
  node::TopologyStreamClient stream(member.channels()->Current().channel,
                                    {.ns = ns,
                                     .filter = {},
                                     .resume = from,
                                     .min_interval = absl::ZeroDuration(),
                                     .bookmark_interval = std::nullopt,
                                     .watcher_name = "change-log"});
  LoggedWrites log;
  directory::Position reached = from;
  while (reached < to) {
    OMNI_ASSIGN_OR_RETURN(const auto event, stream.Next(kNextWithin));
    if (!event.has_value() || std::holds_alternative<node::WatchStarted>(event->what)) continue;
    const auto* step = std::get_if<node::TopologyStep>(&event->what);
    if (step == nullptr) {
      return Error(absl::StatusCode::kDataLoss, "message {} at {} instead of a version",
                   event->what.index(), reached.ToString());
    }
    OMNI_RETURN_IF_ERROR(Next(reached.version, step->diff.position.version));
    reached = step->diff.position;
    for (const auto& change : step->diff.changes) {
      OMNI_RETURN_IF_ERROR(AddChange(reached, change, &log));
    }
  }
  return log;
}

absl::StatusOr<LoggedWrites> SeenWrites(const testbed::TopologyWatch& watch, std::size_t mark,
                                        std::uint64_t after_version) {
  LoggedWrites log;
  std::uint64_t last = after_version;
  for (const testbed::SeenChange& seen : watch.Changes(mark)) {
    if (seen.position.version != last) OMNI_RETURN_IF_ERROR(Next(last, seen.position.version));
    last = seen.position.version;
    OMNI_RETURN_IF_ERROR(AddChange(seen.position, seen.change, &log));
  }
  return log;
}

absl::Status CheckSameWrites(const std::vector<Write>& writes, const testbed::Fleet& fleet,
                             const LoggedWrites& log) {
  for (const Write& write : writes) {
    const std::string& id = fleet.id(write.node).value();
    const auto found = log.find({write.position->version, id});
    const std::uint64_t expected = write.leave ? 0 : write.sequence;
    if (found != log.end() && found->second == expected) continue;
    return Error(
        absl::StatusCode::kDataLoss, "{} {} of {} was acknowledged at {}; the log has {} there",
        write.leave ? "goodbye" : "registration", write.sequence, id, write.position->ToString(),
        found == log.end() ? "nothing" : std::to_string(found->second));
  }
  if (log.size() == writes.size()) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, "{} writes had {} effects", writes.size(), log.size());
}

}  // namespace omninode::integration
