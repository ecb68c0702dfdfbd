#include "services/bootstrap/issuance/issue_request.h"

namespace omninode::bootstrap {

std::string_view NameOf(IssuePath path) {
  switch (path) {
    case IssuePath::kAttested:
      return "attested";
    case IssuePath::kLocal:
      return "local";
    case IssuePath::kRenewal:
      return "renewal";
  }
  return "unknown";
}

std::optional<IssuePath> ParseIssuePath(std::int64_t number) {
  for (const IssuePath path : {IssuePath::kAttested, IssuePath::kLocal, IssuePath::kRenewal}) {
    if (static_cast<std::int64_t>(path) == number) return path;
  }
  return std::nullopt;
}

}  // namespace omninode::bootstrap
