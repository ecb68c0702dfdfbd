#ifndef OMNINODE_COMMON_BASE_NAMES_H_
#define OMNINODE_COMMON_BASE_NAMES_H_

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>

// The names of the API as values that cannot be invalid. ASCII only, so that no two names look
// alike and policy, router and topic names agree on what is equal.
//
//   NetworkId, NamespaceName, NodeType   [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
//   NodeId                               [a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?
//   AttributeName (endpoint, capability, label)  [a-z][a-z0-9_.-]{0,62}
//
// Immutable value types; safe to share between threads. Parse fails with NAME_INVALID and never
// echoes more than 64 escaped bytes of the input.
namespace omninode {

namespace internal {
struct NetworkIdRule {
  static constexpr std::string_view kWhat = "network_id";
  static bool Matches(std::string_view text);
};
struct NamespaceNameRule {
  static constexpr std::string_view kWhat = "namespace";
  static bool Matches(std::string_view text);
};
struct NodeTypeRule {
  static constexpr std::string_view kWhat = "node_type";
  static bool Matches(std::string_view text);
};
struct NodeIdRule {
  static constexpr std::string_view kWhat = "node_id";
  static bool Matches(std::string_view text);
};
struct AttributeNameRule {
  static constexpr std::string_view kWhat = "attribute name";
  static bool Matches(std::string_view text);
};
absl::Status NameInvalid(std::string_view what, std::string_view text);
}  // namespace internal

template <typename Rule>
class Name final {
 public:
  static absl::StatusOr<Name> Parse(std::string_view text) {
    if (!Rule::Matches(text)) return internal::NameInvalid(Rule::kWhat, text);
    return Name(std::string(text));
  }

  const std::string& value() const { return value_; }

  friend bool operator==(const Name&, const Name&) = default;
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  explicit Name(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

using NetworkId = Name<internal::NetworkIdRule>;
using NamespaceName = Name<internal::NamespaceNameRule>;
using NodeType = Name<internal::NodeTypeRule>;
using NodeId = Name<internal::NodeIdRule>;
using AttributeName = Name<internal::AttributeNameRule>;

}  // namespace omninode

template <typename Rule>
struct std::hash<omninode::Name<Rule>> {
  std::size_t operator()(const omninode::Name<Rule>& name) const noexcept {
    return std::hash<std::string>()(name.value());
  }
};

#endif  // OMNINODE_COMMON_BASE_NAMES_H_
