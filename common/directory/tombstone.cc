#include "common/directory/tombstone.h"

#include <array>

#include "common/base/check.h"
#include "common/directory/plain_text.h"

namespace omninode::directory {
namespace {

struct ReasonName {
  RemovalReason reason;
  std::string_view name;
};

constexpr auto kNames = std::to_array<ReasonName>({
    {RemovalReason::kGracefulShutdown, "graceful_shutdown"},
    {RemovalReason::kLeaseExpired, "lease_expired"},
    {RemovalReason::kManualDeregistration, "manual_deregistration"},
    {RemovalReason::kIdentityRevoked, "identity_revoked"},
    {RemovalReason::kPolicyEvicted, "policy_evicted"},
    {RemovalReason::kFederationWithdrawn, "federation_withdrawn"},
    {RemovalReason::kFilterLeft, "filter_left"},
});

}  // namespace

std::string_view NameOf(RemovalReason reason) {
  for (const auto& row : kNames) {
    if (row.reason == reason) return row.name;
  }
  OMNI_CHECK(false);
}

std::optional<RemovalReason> ParseRemovalReason(std::string_view name) {
  for (const auto& row : kNames) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

absl::Status CheckReasonText(std::string_view text) {
  return CheckPlainText(text, kMaxReasonTextBytes);
}

}  // namespace omninode::directory
