#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_INFO_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_INFO_H_

#include <cstdint>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"

namespace omninode::registry {

// What the nodes of a namespace may have. A value that cannot be invalid.
class NamespaceLimits final {
 public:
  static constexpr std::uint64_t kMaxNodes = 1'000'000;
  static absl::Duration ShortestTtl() { return absl::Seconds(1); }
  static absl::Duration LongestTtl() { return absl::Hours(24); }

  struct Fields {
    absl::Duration default_ttl = absl::Seconds(60);
    absl::Duration min_ttl = absl::Seconds(10);
    absl::Duration max_ttl = absl::Hours(1);
    std::uint64_t max_nodes = 10'000;
  };

  // ARGUMENT_INVALID unless ShortestTtl <= min <= default <= max <= LongestTtl and
  // 1 <= max_nodes <= kMaxNodes.
  static absl::StatusOr<NamespaceLimits> Create(const Fields& fields);
  static NamespaceLimits Default();

  absl::Duration default_ttl() const { return fields_.default_ttl; }
  absl::Duration min_ttl() const { return fields_.min_ttl; }
  absl::Duration max_ttl() const { return fields_.max_ttl; }
  std::uint64_t max_nodes() const { return fields_.max_nodes; }

  // The lease time for a node that asks for `requested` (zero: the default).
  // ARGUMENT_INVALID outside the bounds.
  absl::StatusOr<absl::Duration> Resolve(absl::Duration requested) const;

  friend bool operator==(const NamespaceLimits& a, const NamespaceLimits& b) {
    return a.default_ttl() == b.default_ttl() && a.min_ttl() == b.min_ttl() &&
           a.max_ttl() == b.max_ttl() && a.max_nodes() == b.max_nodes();
  }

 private:
  explicit NamespaceLimits(const Fields& fields) : fields_(fields) {}
  Fields fields_;
};

// A tenant inside the network.
struct NamespaceInfo {
  NamespaceName name;
  NamespaceLimits limits;
  std::uint64_t incarnation = 1;
  absl::Time created_at;
  std::string actor;  // SPIFFE ID of who created it

  friend bool operator==(const NamespaceInfo&, const NamespaceInfo&) = default;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NAMESPACE_INFO_H_
