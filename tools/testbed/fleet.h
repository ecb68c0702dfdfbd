#ifndef OMNINODE_TOOLS_TESTBED_FLEET_H_
#define OMNINODE_TOOLS_TESTBED_FLEET_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/directory/node_ref.h"
#include "common/identity/x509_svid.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/member.h"

namespace omninode::testbed {

// Many nodes of one host, each with an identity of its own by a token of its own, but without a
// process, a thread or a connection: the agent of the host carries what they sign. Thread-safe. The
// cluster outlives it.
class Fleet final {
 public:
  static constexpr char kType[] = "fleet";

  struct Options {
    std::string ns;      // AllowNodes was called for it
    std::string prefix;  // of the ids: "w" makes w-0001, w-0002, ...; also the agent's host
    std::size_t nodes = 0;
    std::size_t threads = 8;  // that enrol
  };

  // Nothing is registered yet. Errors: those of the bootstrap service and the attestor.
  static absl::StatusOr<std::unique_ptr<Fleet>> Enroll(Cluster& cluster, const Options& options);

  std::size_t size() const { return svids_.size(); }
  const NamespaceName& ns() const { return ns_; }
  const NodeId& id(std::size_t node) const { return ids_[node]; }
  directory::NodeRef ref(std::size_t node) const { return {ns_, ids_[node]}; }
  // Sequences are shared by the nodes, so each names one message: the time in microseconds.
  std::uint64_t NextSequence() { return agent_->NextSequence(); }

  // The node's own words with these capabilities.
  absl::StatusOr<std::string> Introspection(
      std::size_t node, std::uint64_t sequence,
      directory::Introspection::NamedStrings capabilities = {}) const;
  absl::StatusOr<std::string> Tombstone(std::size_t node, std::uint64_t sequence) const;

  // Who carries them. Agents may register and beat, not read.
  Member& agent() { return *agent_; }
  const NetworkId& network() const { return network_; }

 private:
  Fleet(const Clock& clock, NamespaceName ns, std::unique_ptr<Member> agent);
  absl::Status EnrollOne(Cluster& cluster, std::size_t node);

  const Clock& clock_;
  const NamespaceName ns_;
  const std::unique_ptr<Member> agent_;
  const NetworkId network_;
  std::vector<NodeId> ids_;
  std::vector<identity::X509SvidPtr> svids_;
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_FLEET_H_
