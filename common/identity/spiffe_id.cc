#include "common/identity/spiffe_id.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::identity {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr std::size_t kShownBytes = 128;

bool IsTrustDomainCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool IsPathCharacter(char c) { return IsTrustDomainCharacter(c) || (c >= 'A' && c <= 'Z'); }

absl::Status Invalid(std::string_view text, std::string_view why) {
  return Reject(Reason::kSpiffeIdInvalid, "SPIFFE ID \"{}\": {}",
                EscapeForDisplay(text, kShownBytes), why);
}

// `path` begins with '/'.
absl::Status CheckPath(std::string_view text, std::string_view path) {
  for (const std::string_view segment : Split(path.substr(1), '/')) {
    if (segment.empty()) return Invalid(text, "empty path segment or trailing slash");
    if (segment == "." || segment == "..") return Invalid(text, "relative path segment");
    if (!std::all_of(segment.begin(), segment.end(), IsPathCharacter)) {
      return Invalid(text, "a path has letters, digits, '.', '-' and '_' only");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TrustDomain> TrustDomain::Parse(std::string_view name) {
  if (name.empty()) return Invalid(name, "empty trust domain");
  if (name.size() > kMaxBytes) return Invalid(name, "a trust domain has at most 255 bytes");
  if (!std::all_of(name.begin(), name.end(), IsTrustDomainCharacter)) {
    return Invalid(name, "a trust domain has lower-case letters, digits, '.', '-' and '_' only");
  }
  return TrustDomain(std::string(name));
}

absl::StatusOr<SpiffeId> SpiffeId::Parse(std::string_view text) {
  if (text.size() > kMaxBytes) return Invalid(text, "longer than 2048 bytes");
  if (!text.starts_with(kScheme)) return Invalid(text, "it must begin with spiffe://");
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t slash = rest.find('/');
  OMNI_ASSIGN_OR_RETURN(TrustDomain trust_domain, TrustDomain::Parse(rest.substr(0, slash)));
  if (slash != std::string_view::npos) {
    OMNI_RETURN_IF_ERROR(CheckPath(text, rest.substr(slash)));
  }
  return SpiffeId(std::move(trust_domain), std::string(text));
}

absl::StatusOr<SpiffeId> SpiffeId::FromParts(const TrustDomain& trust_domain,
                                             std::string_view path) {
  if (!path.empty() && path[0] != '/') return Invalid(path, "a path must begin with '/'");
  return Parse(trust_domain.ToId().append(path));
}

std::string_view SpiffeId::path() const {
  return std::string_view(text_).substr(kScheme.size() + trust_domain_.name().size());
}

std::vector<std::string_view> SpiffeId::segments() const {
  if (path().empty()) return {};
  return Split(path().substr(1), '/');
}

}  // namespace omninode::identity
