#ifndef OMNINODE_SERVICES_BOOTSTRAP_ENTRY_SPIFFE_PATTERN_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ENTRY_SPIFFE_PATTERN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "common/identity/spiffe_id.h"

namespace omninode::bootstrap {

// A SPIFFE ID of the own trust domain in which whole segments may be `*`:
//
//   spiffe://<td>/node/<type>/<id>   spiffe://<td>/ns/<ns>/node/<type>/<id>
//   spiffe://<td>/agent/<host>
//
// where each <..> is a name or `*`. Immutable value; safe to share between threads.
class SpiffePattern final {
 public:
  static constexpr std::string_view kAny = "*";

  // Fails with SPIFFE_ID_INVALID on everything else, also on patterns that no identity can match.
  static absl::StatusOr<SpiffePattern> Parse(std::string_view text,
                                             const identity::TrustDomain& trust_domain);

  bool Matches(const identity::SpiffeId& id) const;

  const std::string& ToString() const { return text_; }
  std::size_t literal_prefix() const { return literal_prefix_; }  // segments before the first `*`
  std::size_t literals() const { return literals_; }              // segments that are no `*`

  friend bool operator==(const SpiffePattern& a, const SpiffePattern& b) {
    return a.text_ == b.text_;
  }

 private:
  SpiffePattern(identity::TrustDomain trust_domain, std::string text,
                std::vector<std::string> segments);

  identity::TrustDomain trust_domain_;
  std::string text_;
  std::vector<std::string> segments_;
  std::size_t literal_prefix_ = 0;
  std::size_t literals_ = 0;
};

// The text of every pattern that matches `id`, which may be any SPIFFE ID; none when it is neither
// a node nor an agent. At most kMaxPatternsOfId.
inline constexpr std::size_t kMaxPatternsOfId = 8;
std::vector<std::string> PatternsMatching(const identity::SpiffeId& id);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ENTRY_SPIFFE_PATTERN_H_
