#include "common/node/topology_event_codec.h"

#include <string>
#include <utility>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/topology_codec.h"
#include "common/envelope/type_codec.h"
#include "common/node/node_view_codec.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;

using Response = v1::WatchTopologyResponse;

absl::StatusOr<std::optional<directory::SetHash>> DecodeHash(const std::string& bytes) {
  if (bytes.empty()) return std::nullopt;
  auto hash = directory::SetHash::FromBytes(bytes);
  if (!hash.ok()) return AtField(hash.status(), "hash");
  return *hash;
}

absl::StatusOr<SnapshotChunk> DecodeChunk(const v1::SnapshotChunk& message) {
  SnapshotChunk chunk;
  chunk.nodes.reserve(static_cast<std::size_t>(message.nodes_size()));
  for (int i = 0; i < message.nodes_size(); ++i) {
    auto node = Decode(message.nodes(i));
    if (!node.ok()) return AtField(node.status(), fmt::format("nodes[{}]", i));
    chunk.nodes.push_back(*std::move(node));
  }
  return chunk;
}

absl::StatusOr<SnapshotEnd> DecodeEnd(const v1::SnapshotEnd& message) {
  OMNI_ASSIGN_OR_RETURN(auto hash, DecodeHash(message.hash()));
  return SnapshotEnd{.position = envelope::Decode(message.position()), .hash = hash};
}

absl::StatusOr<TopologyStep> DecodeStep(const envelope::v1::TopologyDiff& message,
                                        const NamespaceName& ns) {
  OMNI_ASSIGN_OR_RETURN(envelope::DecodedDiff decoded, envelope::Decode(message, ns));
  return TopologyStep{.diff = std::move(decoded.diff),
                      .source_node = std::move(decoded.origin.source_node),
                      .node_count = decoded.origin.node_count,
                      .evidence = std::move(decoded.evidence)};
}

absl::StatusOr<Bookmark> DecodeBookmark(const v1::Bookmark& message) {
  OMNI_ASSIGN_OR_RETURN(auto hash, DecodeHash(message.hash()));
  const auto age = envelope::Decode(message.age());
  if (!age.ok()) return AtField(age.status(), "age");
  return Bookmark{.position = envelope::Decode(message.position()), .hash = hash, .age = *age};
}

Resync DecodeResync(const v1::Resync& message) {
  const bool known = v1::ResyncReason_IsValid(message.reason());
  return {.reason = known ? static_cast<ResyncReason>(message.reason()) : ResyncReason::kUnknown,
          .position = envelope::Decode(message.position())};
}

// `value` as the event, or its error with `path`.
template <typename T>
absl::StatusOr<TopologyEvent> EventOf(const Response& message, std::string_view path,
                                      absl::StatusOr<T> value) {
  if (!value.ok()) return AtField(value.status(), path);
  return TopologyEvent{.previous_version = message.previous_version(), .what = *std::move(value)};
}

}  // namespace

std::string_view NameOf(ResyncReason reason) {
  switch (reason) {
    case ResyncReason::kUnknown:
      return "unknown";
    case ResyncReason::kCompacted:
      return "compacted";
    case ResyncReason::kIncarnation:
      return "incarnation";
    case ResyncReason::kAhead:
      return "ahead";
    case ResyncReason::kSlow:
      return "slow";
  }
  return "unknown";
}

absl::StatusOr<TopologyEvent> Decode(const Response& message, const NamespaceName& ns) {
  switch (message.event_case()) {
    case Response::kStarted:
      return TopologyEvent{
          .previous_version = message.previous_version(),
          .what = WatchStarted{.watch_id = message.started().watch_id(),
                               .position = envelope::Decode(message.started().position())}};
    case Response::kSnapshotChunk:
      return EventOf(message, "snapshot_chunk", DecodeChunk(message.snapshot_chunk()));
    case Response::kSnapshotEnd:
      return EventOf(message, "snapshot_end", DecodeEnd(message.snapshot_end()));
    case Response::kDiff:
      return EventOf(message, "diff", DecodeStep(message.diff(), ns));
    case Response::kBookmark:
      return EventOf(message, "bookmark", DecodeBookmark(message.bookmark()));
    case Response::kResync:
      return TopologyEvent{.previous_version = message.previous_version(),
                           .what = DecodeResync(message.resync())};
    case Response::kDraining:
      return TopologyEvent{.previous_version = message.previous_version(), .what = Draining{}};
    case Response::EVENT_NOT_SET:
      break;
  }
  return Reject(Reason::kMsgMalformed, "a message without an event that is known here");
}

}  // namespace omninode::node
