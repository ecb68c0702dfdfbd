#include "services/registry/api/watch_codec.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "common/base/field_path.h"
#include "common/base/status.h"
#include "common/envelope/topology_codec.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "services/registry/api/node_codec.h"

namespace omninode::registry {
namespace {

using google::protobuf::internal::WireFormatLite;

void Append(std::string& out, std::uint64_t varint) {
  std::uint8_t buffer[10];
  const std::uint8_t* end =
      google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(varint, buffer);
  out.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(end - buffer));
}

// A slice that keeps `shared` alive as long as gRPC needs the bytes.
grpc::Slice SharedSlice(EncodedDiffPtr shared) {
  const std::string& bytes = shared->bytes;
  auto* owner = new EncodedDiffPtr(std::move(shared));
  return grpc::Slice(
      const_cast<char*>(bytes.data()), bytes.size(),
      [](void* keep) { delete static_cast<EncodedDiffPtr*>(keep); }, owner);
}

// The message around a diff, written by hand so that the diff's bytes need not be copied.
grpc::ByteBuffer FrameDiff(std::uint64_t previous_version, const EncodedDiffPtr& diff) {
  std::string head;
  if (previous_version != 0) {
    Append(head, WireFormatLite::MakeTag(v1::WatchTopologyResponse::kPreviousVersionFieldNumber,
                                         WireFormatLite::WIRETYPE_VARINT));
    Append(head, previous_version);
  }
  Append(head, WireFormatLite::MakeTag(v1::WatchTopologyResponse::kDiffFieldNumber,
                                       WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  Append(head, diff->bytes.size());
  const grpc::Slice slices[] = {grpc::Slice(head), SharedSlice(diff)};
  return grpc::ByteBuffer(slices, 2);
}

// Writes one item into a response; diffs never come here.
struct ItemWriter {
  v1::WatchTopologyResponse& response;
  bool with_evidence;

  void operator()(const WatchBegan& item) const {
    response.mutable_started()->set_watch_id(item.watch_id);
    *response.mutable_started()->mutable_position() = envelope::Encode(item.position);
  }
  void operator()(const WatchSnapshotChunk& item) const {
    const NodeDetail detail = with_evidence ? NodeDetail::kWithEvidence : NodeDetail::kPlain;
    for (const NodePtr& node : item.nodes) {
      *response.mutable_snapshot_chunk()->add_nodes() = Encode(*node, detail);
    }
    response.mutable_snapshot_chunk();
  }
  void operator()(const WatchSnapshotEnd& item) const {
    *response.mutable_snapshot_end()->mutable_position() = envelope::Encode(item.position);
    if (item.hash.has_value()) response.mutable_snapshot_end()->set_hash(item.hash->ToBytes());
  }
  void operator()(const WatchDiff&) const {}
  void operator()(const WatchBookmark& item) const {
    v1::Bookmark* bookmark = response.mutable_bookmark();
    *bookmark->mutable_position() = envelope::Encode(item.position);
    if (item.hash.has_value()) bookmark->set_hash(item.hash->ToBytes());
    *bookmark->mutable_age() = envelope::Encode(item.age);
  }
  void operator()(const WatchResync& item) const {
    response.mutable_resync()->set_reason(static_cast<v1::ResyncReason>(item.reason));
    *response.mutable_resync()->mutable_position() = envelope::Encode(item.position);
  }
  void operator()(const WatchDraining&) const { response.mutable_draining(); }
};

}  // namespace

EncodedDiffPtr TopologyDiffEncoder::Encode(const directory::TopologyDiff& diff,
                                           const DiffContext& context) const {
  envelope::EvidenceLookup evidence;
  if (context.with_evidence) {
    evidence =
        [&](const directory::TopologyChange& change) -> std::optional<envelope::RawEnvelope> {
      const auto place = static_cast<std::size_t>(&change - diff.changes.data());
      if (place >= context.after.size() || context.after[place] == nullptr) return std::nullopt;
      return EnvelopeOf(*context.after[place]);
    };
  }
  const auto message = envelope::Encode(diff, {source_node_, context.nodes}, evidence);
  return std::make_shared<const EncodedDiff>(EncodedDiff{message.SerializeAsString()});
}

absl::StatusOr<WatchRequest> Decode(const v1::WatchTopologyRequest& message) {
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceName::Parse(message.namespace_()));
  const v1::TopologyFilter& filter = message.filter();
  auto decoded = directory::WatchFilter::Create(
      {.node_types = {filter.node_types().begin(), filter.node_types().end()},
       .labels = {filter.labels().begin(), filter.labels().end()},
       .epochs = {filter.epochs().begin(), filter.epochs().end()}});
  if (!decoded.ok()) return AtField(decoded.status(), "filter");
  WatchRequest request{.ns = std::move(ns),
                       .scope = {*std::move(decoded), message.with_evidence()},
                       .resume = std::nullopt,
                       .watcher_name = message.watcher_name()};
  if (message.has_resume()) request.resume = envelope::Decode(message.resume());
  if (message.has_min_interval()) {
    OMNI_ASSIGN_OR_RETURN(request.min_interval, envelope::Decode(message.min_interval()));
  }
  if (message.has_bookmark_interval()) {
    OMNI_ASSIGN_OR_RETURN(request.bookmark_interval, envelope::Decode(message.bookmark_interval()));
  }
  return request;
}

std::shared_ptr<const grpc::ByteBuffer> Encode(const WatchSend& send, bool with_evidence) {
  if (const auto* diff = std::get_if<WatchDiff>(&send.item)) {
    return std::make_shared<const grpc::ByteBuffer>(
        FrameDiff(send.previous_version, diff->encoded));
  }
  v1::WatchTopologyResponse response;
  response.set_previous_version(send.previous_version);
  std::visit(ItemWriter{response, with_evidence}, send.item);
  return std::make_shared<const grpc::ByteBuffer>(rpc::SerializeMessage(response));
}

}  // namespace omninode::registry
