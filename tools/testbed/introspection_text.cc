#include "tools/testbed/introspection_text.h"

#include <nlohmann/json.hpp>

namespace omninode::testbed {

std::string ToIntrospectionFile(const directory::Introspection& node) {
  nlohmann::json json = {{"type", node.node_type().value()},
                         {"id", node.node_id().value()},
                         {"namespace", node.ns().value()}};
  if (!node.version().empty()) json["version"] = node.version();
  if (!node.epoch().empty()) json["epoch"] = node.epoch();
  if (node.requested_ttl() > absl::ZeroDuration()) {
    json["ttl"] = absl::FormatDuration(node.requested_ttl());
  }
  for (const auto& endpoint : node.endpoints()) {
    json["endpoints"][endpoint.name().value()] = endpoint.url();
  }
  for (const auto& item : node.capabilities()) {
    json["capabilities"][item.name().value()] = item.value();
  }
  for (const auto& item : node.labels()) json["labels"][item.name().value()] = item.value();
  return json.dump(2) + "\n";
}

}  // namespace omninode::testbed
