#include "common/directory/changed_fields.h"

#include "common/base/check.h"

namespace omninode::directory {

std::string_view NameOf(ChangedField field) {
  switch (field) {
    case ChangedField::kEndpoints:
      return "endpoints";
    case ChangedField::kCapabilities:
      return "capabilities";
    case ChangedField::kLabels:
      return "labels";
    case ChangedField::kEpoch:
      return "epoch";
    case ChangedField::kHealth:
      return "health";
    case ChangedField::kVersion:
      return "software_version";
    case ChangedField::kTtl:
      return "ttl";
    case ChangedField::kEvidence:
      return "evidence";
    case ChangedField::kNodeType:
      return "node_type";
  }
  OMNI_CHECK(false);
}

std::optional<ChangedField> ParseChangedField(std::string_view name) {
  for (const ChangedField field : kAllChangedFields) {
    if (NameOf(field) == name) return field;
  }
  return std::nullopt;
}

std::optional<ChangedFields> ChangedFields::FromBits(std::uint16_t bits) {
  if ((bits | All().bits_) != All().bits_) return std::nullopt;
  ChangedFields fields;
  fields.bits_ = bits;
  return fields;
}

std::vector<std::string_view> ChangedFields::Names() const {
  std::vector<std::string_view> names;
  for (const ChangedField field : kAllChangedFields) {
    if (Contains(field)) names.push_back(NameOf(field));
  }
  return names;
}

ChangedFields ComputeChangedFields(const NodeView& before, const NodeView& after) {
  const Introspection& a = before.introspection;
  const Introspection& b = after.introspection;
  ChangedFields fields;
  const auto compare = [&](ChangedField field, bool equal) {
    if (!equal) fields.Add(field);
  };
  compare(ChangedField::kEndpoints, a.endpoints() == b.endpoints());
  compare(ChangedField::kCapabilities, a.capabilities() == b.capabilities());
  compare(ChangedField::kLabels, a.labels() == b.labels());
  compare(ChangedField::kEpoch, a.epoch() == b.epoch());
  compare(ChangedField::kHealth, a.health() == b.health());
  compare(ChangedField::kVersion, a.version() == b.version());
  compare(ChangedField::kTtl, before.lease_ttl == after.lease_ttl);
  compare(ChangedField::kNodeType, a.node_type() == b.node_type());
  return fields;
}

}  // namespace omninode::directory
