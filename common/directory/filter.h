#ifndef OMNINODE_COMMON_DIRECTORY_FILTER_H_
#define OMNINODE_COMMON_DIRECTORY_FILTER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/directory/capability.h"
#include "common/directory/topology_change.h"

namespace omninode::directory {

// Which nodes a watch shows: any of the types, all of the labels, any of the epochs; an empty list
// does not restrict. Immutable value.
class WatchFilter final {
 public:
  static constexpr std::size_t kMaxNodeTypes = 16;
  static constexpr std::size_t kMaxLabels = 16;
  static constexpr std::size_t kMaxEpochs = 16;

  struct Fields {
    std::vector<std::string> node_types;
    std::vector<std::string> labels;  // "name=value"; the value may contain '='
    std::vector<std::string> epochs;  // "": nodes without an epoch
  };

  // Shows every node.
  WatchFilter() = default;
  // NAME_INVALID, MSG_MALFORMED or ARGUMENT_INVALID with the field's path before the message and
  // as metadata `field`. Order and repetitions do not matter; one label name with two values is
  // refused, because no node can match it.
  static absl::StatusOr<WatchFilter> Create(const Fields& fields);

  bool Matches(const NodeView& node) const;
  bool is_unrestricted() const { return Key().empty(); }

  // Equal exactly for filters with equal content: groups watchers that share their diffs, and binds
  // a resume to its filter. Bytes, not for display. Empty for the unrestricted filter.
  const std::string& Key() const { return key_; }

  // The change as this filter's stream shows it: a node that leaves is REMOVED with kFilterLeft,
  // one that enters is ADDED; nullopt when the stream does not show it.
  // `before` is the node's state before the change, null exactly for ADDED.
  std::optional<TopologyChange> FilterChange(const TopologyChange& change,
                                             const NodeView* before) const;

  friend bool operator==(const WatchFilter& a, const WatchFilter& b) { return a.key_ == b.key_; }

 private:
  std::vector<NodeType> node_types_;  // each list sorted, without repetitions
  std::vector<Label> labels_;
  std::vector<std::string> epochs_;
  std::string key_;
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_FILTER_H_
