#include "services/bootstrap/entry/spiffe_pattern.h"

#include <algorithm>
#include <optional>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/identity/principal.h"

namespace omninode::bootstrap {
namespace {

using identity::Principal;
using identity::SpiffeId;
using identity::TrustDomain;

absl::Status BadPattern(std::string_view text, std::string_view why) {
  constexpr std::size_t kShownBytes = 128;
  return Reject(Reason::kSpiffeIdInvalid, "pattern \"{}\": {}", EscapeForDisplay(text, kShownBytes),
                why);
}

// Whether identities of this shape are issued by entries at all.
bool IsNodeOrAgent(const SpiffeId& id) {
  const absl::StatusOr<Principal> principal = Principal::From(id);
  return principal.ok() && (principal->kind() == Principal::Kind::kNode ||
                            principal->kind() == Principal::Kind::kAgent);
}

// The places of the names in the paths of nodes and agents; the other segments are keywords.
std::vector<std::size_t> PlacesOfNames(const std::vector<std::string_view>& segments) {
  if (segments.front() == "agent") return {1};
  if (segments.front() == "node") return {1, 2};
  return {1, 3, 4};  // ns/<ns>/node/<type>/<id>
}

}  // namespace

SpiffePattern::SpiffePattern(TrustDomain trust_domain, std::string text,
                             std::vector<std::string> segments)
    : trust_domain_(std::move(trust_domain)),
      text_(std::move(text)),
      segments_(std::move(segments)) {
  const auto first_any = std::find(segments_.begin(), segments_.end(), kAny);
  literal_prefix_ = static_cast<std::size_t>(first_any - segments_.begin());
  literals_ = segments_.size() -
              static_cast<std::size_t>(std::count(segments_.begin(), segments_.end(), kAny));
}

absl::StatusOr<SpiffePattern> SpiffePattern::Parse(std::string_view text,
                                                   const TrustDomain& trust_domain) {
  if (text.size() > SpiffeId::kMaxBytes) return BadPattern(text, "it is too long");
  const std::string root = trust_domain.ToId() + "/";
  if (!text.starts_with(root)) {
    return BadPattern(text, fmt::format("it does not begin with {}", root));
  }
  // With a name in place of each `*` the pattern must be the id of a node or an agent. A keyword
  // cannot be `*`, because no path has this name in its place.
  constexpr std::string_view kAnyName = "x";
  std::vector<std::string> segments;
  std::string example;
  for (const std::string_view segment : Split(text.substr(root.size()), '/')) {
    segments.emplace_back(segment);
    example.append("/").append(segment == kAny ? kAnyName : segment);
  }
  const absl::StatusOr<SpiffeId> id = SpiffeId::FromParts(trust_domain, example);
  if (!id.ok() || !IsNodeOrAgent(*id)) {
    return BadPattern(text,
                      "it must be /node/<type>/<id>, /ns/<namespace>/node/<type>/<id> or "
                      "/agent/<host>, where a whole segment may be *");
  }
  return SpiffePattern(trust_domain, std::string(text), std::move(segments));
}

bool SpiffePattern::Matches(const SpiffeId& id) const {
  if (id.trust_domain() != trust_domain_ || !IsNodeOrAgent(id)) return false;
  const std::vector<std::string_view> segments = id.segments();
  return std::equal(segments_.begin(), segments_.end(), segments.begin(), segments.end(),
                    [](std::string_view pattern, std::string_view segment) {
                      return pattern == kAny || pattern == segment;
                    });
}

std::vector<std::string> PatternsMatching(const SpiffeId& id) {
  if (!IsNodeOrAgent(id)) return {};
  const std::vector<std::string_view> segments = id.segments();
  const std::vector<std::size_t> names = PlacesOfNames(segments);
  std::vector<std::string> patterns;
  for (std::size_t choice = 0; choice < (std::size_t{1} << names.size()); ++choice) {
    std::vector<std::string_view> chosen = segments;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if ((choice >> i & 1U) != 0) chosen[names[i]] = SpiffePattern::kAny;
    }
    std::string pattern = id.trust_domain().ToId();
    for (const std::string_view segment : chosen) pattern.append("/").append(segment);
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

}  // namespace omninode::bootstrap
