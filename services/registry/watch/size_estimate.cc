#include "services/registry/watch/size_estimate.h"

#include <string>

namespace omninode::registry {
namespace {

template <typename List, typename GetText>
std::size_t BytesOfList(const List& list, GetText text) {
  std::size_t bytes = 0;
  for (const auto& item : list) {
    bytes += sizeof(item) + item.name().value().size() + text(item).size();
  }
  return bytes;
}

}  // namespace

std::size_t ApproximateBytes(const directory::NodeView& view) {
  const auto& node = view.introspection;
  const auto value = [](const auto& item) -> const std::string& { return item.value(); };
  return sizeof(view) + node.ns().value().size() + node.node_id().value().size() +
         node.node_type().value().size() + node.version().size() + node.epoch().size() +
         view.actor.size() + view.decision.size() +
         BytesOfList(node.endpoints(),
                     [](const auto& e) -> const std::string& { return e.url(); }) +
         BytesOfList(node.capabilities(), value) + BytesOfList(node.labels(), value);
}

std::size_t ApproximateBytes(const Node& node) {
  std::size_t bytes = sizeof(node) + ApproximateBytes(*node.view) +
                      node.last_message.submitter.size() + node.signer.spiffe_id.size() +
                      node.signer.certificate_key.size();
  if (node.evidence != nullptr) {
    bytes += sizeof(Evidence) + node.evidence->body.size() + node.evidence->signature.size();
  }
  return bytes;
}

std::size_t ApproximateBytes(const directory::TopologyChange& change) {
  return sizeof(change) + change.node_id.value().size() + change.node_type.value().size() +
         change.reason_text.size() + change.actor.size() + change.decision.size() +
         change.correlation_id.size();
}

std::size_t ApproximateMessageBytes(const Node& node, bool with_evidence) {
  std::size_t bytes = ApproximateBytes(*node.view);
  if (!with_evidence || node.evidence == nullptr) return bytes;
  bytes += node.evidence->body.size() + node.evidence->signature.size();
  if (node.evidence->chain == nullptr) return bytes;
  for (const std::string& certificate : node.evidence->chain->der) bytes += certificate.size();
  return bytes;
}

}  // namespace omninode::registry
