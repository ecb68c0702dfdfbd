#ifndef OMNINODE_TESTS_BENCH_WATCH_PEEK_H_
#define OMNINODE_TESTS_BENCH_WATCH_PEEK_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace omninode::bench {

// What a message of the topology stream is, without reading what it says: a thousand watchers in
// one process have no time for more.
struct WatchPeek {
  enum class Event : std::uint8_t { kSnapshotEnd, kDiff, kOther };
  std::uint64_t previous_version = 0;
  Event event = Event::kOther;
};

// Of a serialized WatchTopologyResponse; nullopt for what cannot be one. Pure.
std::optional<WatchPeek> PeekAt(std::string_view message);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_WATCH_PEEK_H_
