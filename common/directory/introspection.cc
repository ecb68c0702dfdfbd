#include "common/directory/introspection.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/plain_text.h"

namespace omninode::directory {
namespace {

template <typename NameType>
absl::StatusOr<NameType> ParseName(std::string_view text, std::string_view path) {
  auto name = NameType::Parse(text);
  if (!name.ok()) return AtField(name.status(), path);
  return name;
}

// A list of named items: bounded, each valid, names unique; sorted by name.
template <typename Item>
absl::StatusOr<std::vector<Item>> CreateItems(Introspection::NamedStrings pairs,
                                              std::string_view list, std::string_view value_field,
                                              std::size_t max) {
  if (pairs.size() > max) {
    return AtField(
        Reject(Reason::kArgumentInvalid, "{} entries, at most {} are allowed", pairs.size(), max),
        list);
  }
  std::vector<Item> items;
  items.reserve(pairs.size());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto& [name_text, value] = pairs[i];
    const auto path = [&](std::string_view field) {
      return fmt::format("{}[{}].{}", list, i, field);
    };
    OMNI_ASSIGN_OR_RETURN(auto name, ParseName<AttributeName>(name_text, path("name")));
    if (!seen.insert(name_text).second) {
      return AtField(Reject(Reason::kArgumentInvalid, "'{}' appears twice", name_text),
                     path("name"));
    }
    auto item = Item::Create(std::move(name), std::move(value));
    if (!item.ok()) return AtField(item.status(), path(value_field));
    items.push_back(*std::move(item));
  }
  std::ranges::sort(items);
  return items;
}

absl::Status CheckEpoch(std::string_view epoch) {
  if (epoch.empty() || IsEpoch(epoch)) return absl::OkStatus();
  return Reject(Reason::kNameInvalid, "'{}' is not a valid epoch", EscapeForDisplay(epoch, 64));
}

absl::Status CheckHealth(Health health) {
  switch (health) {
    case Health::kServing:
    case Health::kDegraded:
    case Health::kNotServing:
      return absl::OkStatus();
  }
  return Reject(Reason::kMsgMalformed, "{} is not a known value", static_cast<int>(health));
}

absl::Status CheckTtl(absl::Duration ttl) {
  if (ttl >= absl::ZeroDuration() && ttl <= Introspection::kMaxRequestedTtl) {
    return absl::OkStatus();
  }
  return Reject(Reason::kArgumentInvalid, "{} is not between 0 and {}", absl::FormatDuration(ttl),
                absl::FormatDuration(Introspection::kMaxRequestedTtl));
}

}  // namespace

bool IsEpoch(std::string_view text) {
  const auto is_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 63 && is_alnum(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

absl::StatusOr<Introspection> Introspection::Create(Fields fields) {
  OMNI_ASSIGN_OR_RETURN(auto ns, ParseName<NamespaceName>(fields.ns, "namespace"));
  OMNI_ASSIGN_OR_RETURN(auto node_type, ParseName<NodeType>(fields.node_type, "node_type"));
  OMNI_ASSIGN_OR_RETURN(auto node_id, ParseName<NodeId>(fields.node_id, "node_id"));
  Introspection value(std::move(ns), std::move(node_type), std::move(node_id));

  OMNI_RETURN_IF_ERROR(
      AtField(CheckPrintableAscii(fields.version, kMaxVersionBytes), "software_version"));
  OMNI_RETURN_IF_ERROR(AtField(CheckEpoch(fields.epoch), "epoch"));
  OMNI_RETURN_IF_ERROR(AtField(CheckHealth(fields.health), "health"));
  OMNI_RETURN_IF_ERROR(AtField(CheckTtl(fields.requested_ttl), "ttl"));
  OMNI_ASSIGN_OR_RETURN(value.endpoints_, CreateItems<Endpoint>(std::move(fields.endpoints),
                                                                "endpoints", "url", kMaxEndpoints));
  OMNI_ASSIGN_OR_RETURN(value.capabilities_,
                        CreateItems<Capability>(std::move(fields.capabilities), "capabilities",
                                                "value", kMaxCapabilities));
  OMNI_ASSIGN_OR_RETURN(
      value.labels_, CreateItems<Label>(std::move(fields.labels), "labels", "value", kMaxLabels));
  value.version_ = std::move(fields.version);
  value.epoch_ = std::move(fields.epoch);
  value.health_ = fields.health;
  value.requested_ttl_ = fields.requested_ttl;
  return value;
}

Introspection Introspection::WithHealth(Health health) const {
  Introspection copy = *this;
  copy.health_ = health;
  return copy;
}

}  // namespace omninode::directory
