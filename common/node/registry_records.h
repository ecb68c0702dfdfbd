#ifndef OMNINODE_COMMON_NODE_REGISTRY_RECORDS_H_
#define OMNINODE_COMMON_NODE_REGISTRY_RECORDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/crypto/wipe.h"
#include "common/directory/health.h"
#include "common/directory/node_view.h"
#include "common/directory/position.h"
#include "common/directory/set_hash.h"
#include "common/directory/tombstone.h"
#include "common/envelope/raw_envelope.h"

// What the registry answers, as values. The registry vouches for them; evidence is not verified.
namespace omninode::node {

// A place in the directory, as it was granted.
struct Registration {
  directory::Position position;  // where the registration can be seen
  std::uint64_t lease_handle = 0;
  absl::Duration ttl;          // removed when not renewed for so long; above zero
  absl::Duration renew_every;  // above zero
  std::string decision;        // id of the policy decision

  friend bool operator==(const Registration&, const Registration&) = default;
};

// The secret under which beats are authenticated. Wiped with its last holder; never logged.
using LeaseKey = std::shared_ptr<const crypto::SecretString>;

struct RegisterAnswer {
  Registration registration;
  LeaseKey lease_key;  // never null; empty for whoever may not beat for the node
};

// One renewal of one lease.
struct LeaseBeat {
  std::uint64_t lease_handle = 0;
  std::uint64_t sequence = 0;  // unix time in milliseconds, always rising
  directory::Health health = directory::Health::kServing;
};

// The numbers are those of the API.
enum class BeatOutcome : std::uint8_t {
  kOk = 1,
  kReregister = 2,
  kMacInvalid = 3,
  kStale = 4,
  kForbidden = 5,
  kRetry = 6,
};

struct NodeRecord {
  directory::NodeViewPtr view;                    // never null
  std::optional<std::uint64_t> last_sequence;     // told to the node itself only
  std::optional<envelope::RawEnvelope> evidence;  // on request
};

struct NodeList {
  directory::Position position;  // of the last page: pages of a changing namespace differ
  std::vector<NodeRecord> nodes;
};

struct TopologySnapshot {
  directory::Position position;
  directory::SetHash hash;
  std::vector<NodeRecord> nodes;  // by id
};

// Zero takes the registry's default, in requests.
struct NamespaceRules {
  absl::Duration default_ttl = absl::ZeroDuration();
  absl::Duration min_ttl = absl::ZeroDuration();
  absl::Duration max_ttl = absl::ZeroDuration();
  std::uint64_t max_nodes = 0;

  friend bool operator==(const NamespaceRules&, const NamespaceRules&) = default;
};

struct NamespaceRecord {
  NamespaceName name;
  NamespaceRules rules;
  directory::Position position;
  std::uint64_t nodes = 0;
  absl::Time created_at;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_REGISTRY_RECORDS_H_
