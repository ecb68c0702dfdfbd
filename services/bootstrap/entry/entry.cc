#include "services/bootstrap/entry/entry.h"

#include <set>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "services/bootstrap/entry/dns_name.h"

namespace omninode::bootstrap {
namespace {

absl::Status CheckTtl(absl::Duration ttl, absl::Duration min) {
  if (ttl < min || ttl > kMaxSvidTtl) {
    return Reject(Reason::kArgumentInvalid, "svid_ttl is {}, allowed are {} to {}",
                  FormatDuration(ttl), FormatDuration(min), FormatDuration(kMaxSvidTtl));
  }
  if (absl::Floor(ttl, absl::Seconds(1)) != ttl) {
    return Reject(Reason::kArgumentInvalid, "svid_ttl is {}, not whole seconds",
                  FormatDuration(ttl));
  }
  return absl::OkStatus();
}

absl::Status CheckDnsNames(const std::vector<std::string>& names) {
  if (names.size() > Entry::kMaxDnsNames) {
    return Reject(Reason::kArgumentInvalid, "{} DNS names, at most {} are allowed", names.size(),
                  Entry::kMaxDnsNames);
  }
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    OMNI_RETURN_IF_ERROR(CheckDnsName(name));
    if (!seen.insert(name).second) {
      return Reject(Reason::kArgumentInvalid, "DNS name {} is there twice", name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Entry> Entry::Create(Fields fields, absl::Duration min_svid_ttl) {
  OMNI_CHECK(!fields.id.empty() && min_svid_ttl >= kShortestSvidTtl);
  OMNI_RETURN_IF_ERROR(CheckTtl(fields.svid_ttl, min_svid_ttl));
  OMNI_RETURN_IF_ERROR(CheckDnsNames(fields.dns_names));
  return Entry(std::move(fields));
}

bool Entry::SameRuleAs(const Entry& other) const {
  return pattern() == other.pattern() && svid_ttl() == other.svid_ttl() &&
         dns_names() == other.dns_names();
}

}  // namespace omninode::bootstrap
