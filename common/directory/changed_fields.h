#ifndef OMNINODE_COMMON_DIRECTORY_CHANGED_FIELDS_H_
#define OMNINODE_COMMON_DIRECTORY_CHANGED_FIELDS_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "common/directory/node_view.h"

namespace omninode::directory {

// What of a node an update changed. The numbers are bits of stored records: never reused.
enum class ChangedField : std::uint8_t {
  kEndpoints = 0,
  kCapabilities = 1,
  kLabels = 2,
  kEpoch = 3,
  kHealth = 4,
  kVersion = 5,  // of the software
  kTtl = 6,
  kEvidence = 7,  // the signed message behind the description
  kNodeType = 8,  // only after a removal and a new registration were merged into one update
};

inline constexpr std::array kAllChangedFields = {
    ChangedField::kEndpoints, ChangedField::kCapabilities, ChangedField::kLabels,
    ChangedField::kEpoch,     ChangedField::kHealth,       ChangedField::kVersion,
    ChangedField::kTtl,       ChangedField::kEvidence,     ChangedField::kNodeType};

// The API's spelling: "endpoints", ..., "software_version", "ttl", "evidence", "node_type".
std::string_view NameOf(ChangedField field);
std::optional<ChangedField> ParseChangedField(std::string_view name);

// A set of fields; a small value.
class ChangedFields final {
 public:
  constexpr ChangedFields() = default;
  constexpr ChangedFields(std::initializer_list<ChangedField> fields) {
    for (const ChangedField field : fields) Add(field);
  }
  static constexpr ChangedFields All() {
    ChangedFields all;
    for (const ChangedField field : kAllChangedFields) all.Add(field);
    return all;
  }
  // nullopt when a bit is set that this version of the program does not know.
  static std::optional<ChangedFields> FromBits(std::uint16_t bits);

  constexpr void Add(ChangedField field) { bits_ |= BitOf(field); }
  constexpr void Remove(ChangedField field) {
    bits_ &= static_cast<std::uint16_t>(~unsigned{BitOf(field)});
  }
  constexpr bool Contains(ChangedField field) const { return (bits_ & BitOf(field)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint16_t bits() const { return bits_; }
  // In enum order.
  std::vector<std::string_view> Names() const;

  friend constexpr ChangedFields operator|(ChangedFields a, ChangedFields b) {
    a.bits_ |= b.bits_;
    return a;
  }
  friend constexpr bool operator==(ChangedFields, ChangedFields) = default;

 private:
  static constexpr std::uint16_t BitOf(ChangedField field) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(field));
  }
  std::uint16_t bits_ = 0;
};

// What differs between two states of one node, as far as the states tell: evidence is not part of
// them, so kEvidence is never set here and the caller adds it.
ChangedFields ComputeChangedFields(const NodeView& before, const NodeView& after);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_CHANGED_FIELDS_H_
