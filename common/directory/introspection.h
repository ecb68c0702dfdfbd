#ifndef OMNINODE_COMMON_DIRECTORY_INTROSPECTION_H_
#define OMNINODE_COMMON_DIRECTORY_INTROSPECTION_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/capability.h"
#include "common/directory/endpoint.h"
#include "common/directory/health.h"
#include "common/directory/node_ref.h"

namespace omninode::directory {

// What a node says about itself. Immutable value; safe to share between threads. Lists are sorted
// by name and names are unique within each list.
class Introspection final {
 public:
  static constexpr std::size_t kMaxEndpoints = 16;
  static constexpr std::size_t kMaxCapabilities = 64;
  static constexpr std::size_t kMaxLabels = 64;
  static constexpr std::size_t kMaxVersionBytes = 64;
  // Only a sanity bound; a namespace allows less.
  static constexpr absl::Duration kMaxRequestedTtl = absl::Hours(24);

  using NamedStrings = std::vector<std::pair<std::string, std::string>>;

  // The unchecked parts, lists in any order.
  struct Fields {
    std::string ns;
    std::string node_type;
    std::string node_id;
    std::string version;  // of the node's software: printable ASCII, may be empty
    NamedStrings endpoints;
    NamedStrings capabilities;
    NamedStrings labels;
    std::string epoch;  // see IsEpoch; empty: none
    Health health = Health::kServing;
    absl::Duration requested_ttl = absl::ZeroDuration();  // zero: the namespace's default
  };

  // NAME_INVALID, MSG_MALFORMED or ARGUMENT_INVALID. The message begins with the path of the field
  // (`endpoints[2].url: ...`, indices as given), which is also the metadata value `field`.
  static absl::StatusOr<Introspection> Create(Fields fields);

  const NamespaceName& ns() const { return ns_; }
  const NodeType& node_type() const { return node_type_; }
  const NodeId& node_id() const { return node_id_; }
  NodeRef ref() const { return {ns_, node_id_}; }
  const std::string& version() const { return version_; }
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  const std::vector<Capability>& capabilities() const { return capabilities_; }
  const std::vector<Label>& labels() const { return labels_; }
  const std::string& epoch() const { return epoch_; }
  Health health() const { return health_; }
  absl::Duration requested_ttl() const { return requested_ttl_; }

  // The same description with another word on its fitness: what a heartbeat changes.
  Introspection WithHealth(Health health) const;

  friend bool operator==(const Introspection&, const Introspection&) = default;

 private:
  Introspection(NamespaceName ns, NodeType node_type, NodeId node_id)
      : ns_(std::move(ns)), node_type_(std::move(node_type)), node_id_(std::move(node_id)) {}

  NamespaceName ns_;
  NodeType node_type_;
  NodeId node_id_;
  std::string version_;
  std::vector<Endpoint> endpoints_;
  std::vector<Capability> capabilities_;
  std::vector<Label> labels_;
  std::string epoch_;
  Health health_ = Health::kServing;
  absl::Duration requested_ttl_;
};

// Whether `text` can name a deployment generation: `[a-z0-9][a-z0-9._-]{0,62}`.
bool IsEpoch(std::string_view text);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_INTROSPECTION_H_
