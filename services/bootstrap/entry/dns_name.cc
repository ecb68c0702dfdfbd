#include "services/bootstrap/entry/dns_name.h"

#include <algorithm>
#include <vector>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::bootstrap {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetterOrDigit(char c) { return (c >= 'a' && c <= 'z') || IsDigit(c); }

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kMaxDnsLabelBytes) return false;
  if (!IsLetterOrDigit(label.front()) || !IsLetterOrDigit(label.back())) return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '-'; });
}

bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxDnsNameBytes) return false;
  const std::vector<std::string_view> labels = Split(name, '.');
  const std::string_view last = labels.back();
  return std::all_of(labels.begin(), labels.end(), IsLabel) &&
         !std::all_of(last.begin(), last.end(), IsDigit);
}

}  // namespace

absl::Status CheckDnsName(std::string_view name) {
  constexpr std::size_t kShownBytes = 64;
  if (IsDnsName(name)) return absl::OkStatus();
  return Reject(Reason::kArgumentInvalid, "\"{}\" is not a DNS name in lower case",
                EscapeForDisplay(name, kShownBytes));
}

}  // namespace omninode::bootstrap
