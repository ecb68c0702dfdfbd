#include "tests/bench/watch_peek.h"

#include <cstddef>

namespace omninode::bench {
namespace {

// Field numbers of WatchTopologyResponse, and wire types of protobuf.
constexpr std::uint64_t kPreviousVersion = 1;
constexpr std::uint64_t kSnapshotEnd = 4;
constexpr std::uint64_t kDiff = 5;
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kBytes = 2;

std::optional<std::uint64_t> TakeVarint(std::string_view* rest) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < rest->size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>((*rest)[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) {
      rest->remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

WatchPeek::Event EventOf(std::uint64_t field) {
  if (field == kDiff) return WatchPeek::Event::kDiff;
  if (field == kSnapshotEnd) return WatchPeek::Event::kSnapshotEnd;
  return WatchPeek::Event::kOther;
}

}  // namespace

std::optional<WatchPeek> PeekAt(std::string_view message) {
  WatchPeek peek;
  while (!message.empty()) {
    const auto tag = TakeVarint(&message);
    const auto value = tag.has_value() ? TakeVarint(&message) : std::nullopt;
    if (!value.has_value()) return std::nullopt;
    if ((*tag & 7) == kVarint) {
      if (*tag >> 3 == kPreviousVersion) peek.previous_version = *value;
      continue;
    }
    if ((*tag & 7) != kBytes || *value > message.size()) return std::nullopt;
    peek.event = EventOf(*tag >> 3);
    message.remove_prefix(static_cast<std::size_t>(*value));
  }
  return peek;
}

}  // namespace omninode::bench
