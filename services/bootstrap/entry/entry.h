#ifndef OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "services/bootstrap/entry/spiffe_pattern.h"

namespace omninode::bootstrap {

// Lives of SVIDs. The shortest is for tests and demonstrations; a service sets its own lower bound.
inline constexpr absl::Duration kShortestSvidTtl = absl::Seconds(5);
inline constexpr absl::Duration kDefaultMinSvidTtl = absl::Minutes(1);
inline constexpr absl::Duration kDefaultSvidTtl = absl::Hours(1);
inline constexpr absl::Duration kMaxSvidTtl = absl::Hours(24);

// A rule: identities that match the pattern may be issued, with these properties. Immutable value.
class Entry final {
 public:
  static constexpr std::size_t kMaxDnsNames = 16;

  struct Fields {
    std::string id;  // chosen by the service
    SpiffePattern pattern;
    absl::Duration svid_ttl;
    std::vector<std::string> dns_names;
    absl::Time created_at;
  };
  // Fails with ARGUMENT_INVALID when the life is not between `min_svid_ttl` and kMaxSvidTtl or not
  // of whole seconds, or a DNS name is invalid, there twice, or one too many.
  // REQUIRES: fields.id is not empty; min_svid_ttl >= kShortestSvidTtl.
  static absl::StatusOr<Entry> Create(Fields fields, absl::Duration min_svid_ttl);

  const std::string& id() const { return fields_.id; }
  const SpiffePattern& pattern() const { return fields_.pattern; }
  absl::Duration svid_ttl() const { return fields_.svid_ttl; }
  const std::vector<std::string>& dns_names() const { return fields_.dns_names; }
  absl::Time created_at() const { return fields_.created_at; }
  const Fields& fields() const { return fields_; }

  // Whether both would issue the same to the same: all but id and time of creation.
  bool SameRuleAs(const Entry& other) const;

 private:
  explicit Entry(Fields fields) : fields_(std::move(fields)) {}
  Fields fields_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_H_
