#ifndef OMNINODE_TOOLS_OMNICTL_REGISTRY_PORT_H_
#define OMNINODE_TOOLS_OMNICTL_REGISTRY_PORT_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/filter.h"
#include "common/node/registry_records.h"
#include "common/node/topology_event.h"

namespace omninode::omnictl {

struct WatchOptions {
  NamespaceName ns;
  directory::WatchFilter::Fields filter;     // valid
  std::optional<directory::Position> since;  // nullopt: begin with a snapshot
  bool with_evidence = false;
};

// What the verbs ask a registry for. Blocking; not thread-safe. Errors: the registry's, with Reason
// and metadata; UNAVAILABLE without one when it does not answer.
class RegistryPort {
 public:
  virtual ~RegistryPort() = default;

  virtual absl::StatusOr<node::NodeRecord> GetNode(const directory::NodeRef& node,
                                                   bool with_evidence) = 0;
  virtual absl::StatusOr<node::NodeList> ListNodes(const NamespaceName& ns,
                                                   const std::vector<NodeType>& types) = 0;
  // By the word of an administrator.
  virtual absl::StatusOr<directory::Tombstone> RemoveNode(const directory::NodeRef& node,
                                                          std::string_view reason_text,
                                                          std::string_view request_id) = 0;
  // Newest first.
  virtual absl::StatusOr<std::vector<directory::Tombstone>> ListTombstones(
      const NamespaceName& ns, const std::optional<NodeId>& node, std::size_t limit) = 0;

  virtual absl::StatusOr<node::TopologySnapshot> GetTopology(const NamespaceName& ns) = 0;
  virtual absl::StatusOr<directory::Position> WaitForVersion(
      const NamespaceName& ns, const directory::Position& position) = 0;
  // Until the stream ends or `on_event` fails; returns that error.
  virtual absl::Status Watch(
      const WatchOptions& options,
      const std::function<absl::Status(const node::TopologyEvent&)>& on_event) = 0;

  virtual absl::StatusOr<node::NamespaceRecord> CreateNamespace(const NamespaceName& ns,
                                                                const node::NamespaceRules& rules,
                                                                std::string_view request_id) = 0;
  virtual absl::StatusOr<node::NamespaceRecord> GetNamespace(const NamespaceName& ns) = 0;
  virtual absl::StatusOr<std::vector<node::NamespaceRecord>> ListNamespaces() = 0;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_REGISTRY_PORT_H_
