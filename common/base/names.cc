#include "common/base/names.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/reason.h"

namespace omninode::internal {
namespace {

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// First and last character alphanumeric, `inner` ones also from `punctuation`.
bool MatchesLabel(std::string_view text, std::size_t max, std::string_view punctuation) {
  if (text.empty() || text.size() > max) return false;
  if (!IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  return std::ranges::all_of(text, [&](char c) {
    return IsLowerAlnum(c) || punctuation.find(c) != std::string_view::npos;
  });
}

// For people; the patterns in the header are exact.
std::string_view RuleOf(std::string_view what) {
  if (what == NodeIdRule::kWhat) {
    return "use lower-case letters, digits and, inside, '.', '_' and '-', at most 128";
  }
  if (what == AttributeNameRule::kWhat) {
    return "use lower-case letters, digits, '_', '.' and '-', first a letter, at most 63";
  }
  return "use lower-case letters, digits and, inside, '-', at most 63";
}

}  // namespace

bool NetworkIdRule::Matches(std::string_view text) { return MatchesLabel(text, 63, "-"); }
bool NamespaceNameRule::Matches(std::string_view text) { return MatchesLabel(text, 63, "-"); }
bool NodeTypeRule::Matches(std::string_view text) { return MatchesLabel(text, 63, "-"); }
bool NodeIdRule::Matches(std::string_view text) { return MatchesLabel(text, 128, "._-"); }

bool AttributeNameRule::Matches(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (text.front() < 'a' || text.front() > 'z') return false;
  return std::ranges::all_of(
      text, [](char c) { return IsLowerAlnum(c) || c == '_' || c == '.' || c == '-'; });
}

absl::Status NameInvalid(std::string_view what, std::string_view text) {
  return Reject(Reason::kNameInvalid, "{} '{}' is not a valid name: {}", what,
                EscapeForDisplay(text, 64), RuleOf(what));
}

}  // namespace omninode::internal
