#include "common/directory/health.h"

#include "common/base/check.h"

namespace omninode::directory {

std::string_view NameOf(Health health) {
  switch (health) {
    case Health::kServing:
      return "serving";
    case Health::kDegraded:
      return "degraded";
    case Health::kNotServing:
      return "not_serving";
  }
  OMNI_CHECK(false);
}

std::optional<Health> ParseHealth(std::string_view name) {
  for (const Health health : {Health::kServing, Health::kDegraded, Health::kNotServing}) {
    if (NameOf(health) == name) return health;
  }
  return std::nullopt;
}

}  // namespace omninode::directory
