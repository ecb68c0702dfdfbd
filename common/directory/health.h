#ifndef OMNINODE_COMMON_DIRECTORY_HEALTH_H_
#define OMNINODE_COMMON_DIRECTORY_HEALTH_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace omninode::directory {

// What a node says of its own fitness to serve. Reported, not probed. The numbers are those of the
// API and of stored records: never reused.
enum class Health : std::uint8_t {
  kServing = 1,
  kDegraded = 2,    // takes work, but worse than usual
  kNotServing = 3,  // takes no work
};

// "serving", "degraded", "not_serving".
std::string_view NameOf(Health health);
std::optional<Health> ParseHealth(std::string_view name);

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_HEALTH_H_
