#include "common/directory/filter.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/introspection.h"

namespace omninode::directory {
namespace {

// Parses each text of a bounded list; sorted, without repetitions.
template <typename Item, typename Parse>
absl::StatusOr<std::vector<Item>> ParseList(const std::vector<std::string>& texts,
                                            std::string_view list, std::size_t max, Parse parse) {
  if (texts.size() > max) {
    return AtField(
        Reject(Reason::kArgumentInvalid, "{} entries, at most {} are allowed", texts.size(), max),
        list);
  }
  std::vector<Item> items;
  items.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    absl::StatusOr<Item> item = parse(texts[i]);
    if (!item.ok()) return AtField(item.status(), fmt::format("{}[{}]", list, i));
    items.push_back(*std::move(item));
  }
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

absl::StatusOr<Label> ParseLabel(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Reject(Reason::kArgumentInvalid, "'{}' is not of the form name=value",
                  EscapeForDisplay(text, 64));
  }
  OMNI_ASSIGN_OR_RETURN(auto name, AttributeName::Parse(text.substr(0, equals)));
  return Label::Create(std::move(name), std::string(text.substr(equals + 1)));
}

absl::StatusOr<std::string> ParseEpoch(std::string_view text) {
  if (text.empty() || IsEpoch(text)) return std::string(text);
  return Reject(Reason::kNameInvalid, "'{}' is not a valid epoch", EscapeForDisplay(text, 64));
}

// One length-prefixed text per item after a count, so that no two filters share a key.
template <typename Item, typename GetText>
void AppendToKey(std::string& key, const std::vector<Item>& items, GetText get_text) {
  key += fmt::format("{};", items.size());
  for (const Item& item : items) {
    const std::string text = get_text(item);
    key += fmt::format("{}:{}", text.size(), text);
  }
}

}  // namespace

absl::StatusOr<WatchFilter> WatchFilter::Create(const Fields& fields) {
  WatchFilter filter;
  OMNI_ASSIGN_OR_RETURN(
      filter.node_types_,
      ParseList<NodeType>(fields.node_types, "node_types", kMaxNodeTypes,
                          [](std::string_view text) { return NodeType::Parse(text); }));
  OMNI_ASSIGN_OR_RETURN(filter.labels_,
                        ParseList<Label>(fields.labels, "labels", kMaxLabels, ParseLabel));
  OMNI_ASSIGN_OR_RETURN(filter.epochs_,
                        ParseList<std::string>(fields.epochs, "epochs", kMaxEpochs, ParseEpoch));
  const auto conflict = std::ranges::adjacent_find(filter.labels_, {}, &Label::name);
  if (conflict != filter.labels_.end()) {
    return AtField(Reject(Reason::kArgumentInvalid, "'{}' is asked to have two values",
                          conflict->name().value()),
                   "labels");
  }
  if (!filter.node_types_.empty() || !filter.labels_.empty() || !filter.epochs_.empty()) {
    AppendToKey(filter.key_, filter.node_types_, [](const NodeType& type) { return type.value(); });
    AppendToKey(filter.key_, filter.labels_, [](const Label& label) {
      return fmt::format("{}={}", label.name().value(), label.value());
    });
    AppendToKey(filter.key_, filter.epochs_, [](const std::string& epoch) { return epoch; });
  }
  return filter;
}

bool WatchFilter::Matches(const NodeView& node) const {
  const auto allows = [](const auto& allowed, const auto& value) {
    return allowed.empty() || std::ranges::binary_search(allowed, value);
  };
  return allows(node_types_, node.node_type()) && allows(epochs_, node.introspection.epoch()) &&
         std::ranges::includes(node.introspection.labels(), labels_);
}

std::optional<TopologyChange> WatchFilter::FilterChange(const TopologyChange& change,
                                                        const NodeView* before) const {
  const bool was_shown = before != nullptr && Matches(*before);
  const bool is_shown = change.node != nullptr && Matches(*change.node);
  if (!was_shown && !is_shown) return std::nullopt;
  if (was_shown == is_shown) return change;

  TopologyChange seen = change;
  if (is_shown && change.kind == ChangeKind::kUpdated) {
    seen.kind = ChangeKind::kAdded;
    seen.changed_fields = {};
    seen.previous_node_version = 0;
  } else if (was_shown && change.kind == ChangeKind::kUpdated) {
    seen.kind = ChangeKind::kRemoved;
    seen.node = nullptr;
    seen.node_type = before->node_type();
    seen.changed_fields = {};
    seen.removal_reason = RemovalReason::kFilterLeft;
  }
  return seen;
}

}  // namespace omninode::directory
