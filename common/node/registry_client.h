#ifndef OMNINODE_COMMON_NODE_REGISTRY_CLIENT_H_
#define OMNINODE_COMMON_NODE_REGISTRY_CLIENT_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/node_ref.h"
#include "common/directory/tombstone.h"
#include "common/node/registry_channels.h"
#include "common/node/registry_records.h"

namespace omninode::node {

// The registry's unary calls, blocking. `timeout` is for the whole method; when an instance does
// not answer, the next one is asked within it. Every call is safe to repeat: writes are known again
// by sequence, request id or name.
//
// Thread-safe. What `channels` needs outlives the client. The destructor waits for calls in
// progress on other threads: Close first.
//
// Errors: as the registry's, with Reason and metadata; UNAVAILABLE or DEADLINE_EXCEEDED without a
// Reason when no instance answers; CANCELLED after Close; MSG_MALFORMED for an answer that cannot
// be read; RESOURCE_EXHAUSTED for a list of more than `max_items`.
class RegistryClient final {
 public:
  static constexpr absl::Duration kDefaultTimeout = absl::Seconds(10);
  static constexpr std::size_t kMaxItems = 1'000'000;
  // A pinned snapshot that goes away between two pages is begun again so often.
  static constexpr int kMaxSnapshotTries = 3;

  explicit RegistryClient(std::shared_ptr<RegistryChannels> channels,
                          std::size_t max_items = kMaxItems);
  ~RegistryClient();
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  // `envelope`: a serialized SignedEnvelope; MSG_MALFORMED when it is none.
  absl::StatusOr<RegisterAnswer> Register(std::string_view envelope,
                                          absl::Duration timeout = kDefaultTimeout);
  absl::StatusOr<directory::Tombstone> Deregister(std::string_view envelope,
                                                  absl::Duration timeout = kDefaultTimeout);
  // As an administrator. `request_id`: a UUID, the same in a retry.
  absl::StatusOr<directory::Tombstone> Remove(const directory::NodeRef& node,
                                              std::string_view reason_text,
                                              std::string_view request_id,
                                              absl::Duration timeout = kDefaultTimeout);

  absl::StatusOr<NodeRecord> GetNode(const directory::NodeRef& node, bool with_evidence = false,
                                     absl::Duration timeout = kDefaultTimeout);
  // Empty `types`: all.
  absl::StatusOr<NodeList> ListNodes(const NamespaceName& ns,
                                     const std::vector<NodeType>& types = {},
                                     absl::Duration timeout = kDefaultTimeout);
  // Newest first, at most `limit`.
  absl::StatusOr<std::vector<directory::Tombstone>> ListTombstones(
      const NamespaceName& ns, const std::optional<NodeId>& node = std::nullopt,
      std::size_t limit = 1000, absl::Duration timeout = kDefaultTimeout);

  absl::StatusOr<TopologySnapshot> GetTopology(const NamespaceName& ns,
                                               absl::Duration timeout = kDefaultTimeout);
  // Returns the instance's position once it has applied `position`; DEADLINE when it has not.
  absl::StatusOr<directory::Position> WaitForVersion(const NamespaceName& ns,
                                                     const directory::Position& position,
                                                     absl::Duration timeout = kDefaultTimeout);

  absl::StatusOr<NamespaceRecord> CreateNamespace(const NamespaceName& ns,
                                                  const NamespaceRules& rules,
                                                  std::string_view request_id = "",
                                                  absl::Duration timeout = kDefaultTimeout);
  absl::StatusOr<NamespaceRecord> GetNamespace(const NamespaceName& ns,
                                               absl::Duration timeout = kDefaultTimeout);
  absl::StatusOr<std::vector<NamespaceRecord>> ListNamespaces(
      absl::Duration timeout = kDefaultTimeout);

  // Ends the calls in progress with CANCELLED.
  void CancelCalls();
  // That, and every later call.
  void Close();

 private:
  class Caller;
  const std::unique_ptr<Caller> caller_;
  const std::size_t max_items_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_REGISTRY_CLIENT_H_
