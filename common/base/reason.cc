#include "common/base/reason.h"

#include <array>
#include <charconv>

#include <absl/strings/cord.h>

#include "common/base/check.h"
#include "common/base/status.h"

namespace omninode {
namespace {

using absl::StatusCode;
using enum RejectLevel;

constexpr auto kTable = std::to_array<ReasonRow>({
    {Reason::kSigInvalid, "SIG_INVALID", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kAlgRejected, "ALG_REJECTED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kMsgTooLarge, "MSG_TOO_LARGE", StatusCode::kResourceExhausted, kWarning, false},
    {Reason::kMsgMalformed, "MSG_MALFORMED", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kArgumentInvalid, "ARGUMENT_INVALID", StatusCode::kInvalidArgument, kInfo, false},
    {Reason::kNameInvalid, "NAME_INVALID", StatusCode::kInvalidArgument, kInfo, false},
    {Reason::kAudienceMismatch, "AUDIENCE_MISMATCH", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kClockSkew, "CLOCK_SKEW", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kMessageExpired, "MESSAGE_EXPIRED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kReplay, "REPLAY", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kStaleSequence, "STALE_SEQUENCE", StatusCode::kFailedPrecondition, kWarning, false},
    {Reason::kIdempotencyKeyReused, "IDEMPOTENCY_KEY_REUSED", StatusCode::kFailedPrecondition,
     kWarning, false},
    {Reason::kIdentityMissing, "IDENTITY_MISSING", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kIdentityMismatch, "IDENTITY_MISMATCH", StatusCode::kPermissionDenied, kWarning,
     false},
    {Reason::kSubjectMismatch, "SUBJECT_MISMATCH", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kSpiffeIdInvalid, "SPIFFE_ID_INVALID", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kCertProfile, "CERT_PROFILE", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kCertUntrusted, "CERT_UNTRUSTED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kCertExpired, "CERT_EXPIRED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kCertRevoked, "CERT_REVOKED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kIdentityBanned, "IDENTITY_BANNED", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kTdMismatch, "TD_MISMATCH", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kRoleRequired, "ROLE_REQUIRED", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kNsForbidden, "NS_FORBIDDEN", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kNamespaceUnknown, "NAMESPACE_UNKNOWN", StatusCode::kNotFound, kInfo, false},
    {Reason::kNamespaceExists, "NAMESPACE_EXISTS", StatusCode::kAlreadyExists, kInfo, false},
    {Reason::kQuotaNodes, "QUOTA_NODES", StatusCode::kResourceExhausted, kWarning, true},
    {Reason::kQuotaNodeType, "QUOTA_NODE_TYPE", StatusCode::kResourceExhausted, kWarning, true},
    {Reason::kTokenInvalid, "TOKEN_INVALID", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kTokenUsed, "TOKEN_USED", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kTokenExpired, "TOKEN_EXPIRED", StatusCode::kUnauthenticated, kInfo, false},
    {Reason::kTokenBinding, "TOKEN_BINDING", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kCsrForbiddenExt, "CSR_FORBIDDEN_EXT", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kCsrWeakKey, "CSR_WEAK_KEY", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kCsrBadPop, "CSR_BAD_POP", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kKeyReused, "KEY_REUSED", StatusCode::kInvalidArgument, kWarning, false},
    {Reason::kEntryMissing, "ENTRY_MISSING", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kEntryExists, "ENTRY_EXISTS", StatusCode::kAlreadyExists, kInfo, false},
    {Reason::kNodeUnknown, "NODE_UNKNOWN", StatusCode::kNotFound, kInfo, false},
    {Reason::kLeaseUnknown, "LEASE_UNKNOWN", StatusCode::kNotFound, kInfo, false},
    {Reason::kLeaseExpired, "LEASE_EXPIRED", StatusCode::kFailedPrecondition, kInfo, false},
    {Reason::kMacInvalid, "MAC_INVALID", StatusCode::kUnauthenticated, kWarning, false},
    {Reason::kPolicyDenied, "POLICY_DENIED", StatusCode::kPermissionDenied, kWarning, false},
    {Reason::kObjectUnknown, "OBJECT_UNKNOWN", StatusCode::kNotFound, kInfo, false},
    {Reason::kPageTokenInvalid, "PAGE_TOKEN_INVALID", StatusCode::kInvalidArgument, kWarning,
     false},
    {Reason::kRevisionCompacted, "REVISION_COMPACTED", StatusCode::kOutOfRange, kInfo, false},
    {Reason::kWatchSlow, "WATCH_SLOW", StatusCode::kResourceExhausted, kWarning, true},
    {Reason::kLoadShed, "LOAD_SHED", StatusCode::kResourceExhausted, kInfo, true},
    {Reason::kRateLimited, "RATE_LIMITED", StatusCode::kResourceExhausted, kWarning, true},
    {Reason::kNotOwner, "NOT_OWNER", StatusCode::kUnavailable, kInfo, true},
    {Reason::kStoreUnavailable, "STORE_UNAVAILABLE", StatusCode::kUnavailable, kError, true},
    {Reason::kTrustStale, "TRUST_STALE", StatusCode::kUnavailable, kError, true},
    {Reason::kShuttingDown, "SHUTTING_DOWN", StatusCode::kUnavailable, kInfo, true},
    {Reason::kDeadline, "DEADLINE", StatusCode::kDeadlineExceeded, kInfo, true},
    {Reason::kKeyFileMode, "KEY_FILE_MODE", StatusCode::kFailedPrecondition, kError, false},
    {Reason::kSchemaVersion, "SCHEMA_VERSION", StatusCode::kFailedPrecondition, kError, false},
    {Reason::kInternal, "INTERNAL", StatusCode::kInternal, kError, false},
});

consteval bool InEnumOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].reason) != i) return false;
  }
  return kTable.back().reason == Reason::kInternal;
}
static_assert(InEnumOrder());

constexpr char kReasonUrl[] = "omninode/reason";
constexpr char kRetryUrl[] = "omninode/retry-after-ns";
// Metadata travels as payloads "omninode/meta/<key>" until the edge turns it into ErrorInfo.
constexpr std::string_view kMetadataUrl = "omninode/meta/";

}  // namespace

std::span<const ReasonRow> ReasonTable() { return kTable; }

const ReasonRow& RowOf(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  OMNI_CHECK(index < kTable.size());
  return kTable[index];
}

std::optional<Reason> ParseReason(std::string_view name) {
  for (const ReasonRow& row : kTable) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

namespace internal {
absl::Status MakeRejection(Reason reason, std::string message) {
  const ReasonRow& row = RowOf(reason);
  absl::Status status(row.code, message);
  status.SetPayload(kReasonUrl, absl::Cord(ToAbsl(row.name)));
  return status;
}
}  // namespace internal

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  status.SetPayload(fmt::format("{}{}", kMetadataUrl, key), absl::Cord(ToAbsl(value)));
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  status.SetPayload(kRetryUrl, absl::Cord(std::to_string(absl::ToInt64Nanoseconds(delay))));
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  if (!payload.has_value()) return std::nullopt;
  return ParseReason(std::string(*payload));
}

RejectMetadata MetadataOf(const absl::Status& status) {
  RejectMetadata metadata;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    const std::string_view url = FromAbsl(type_url);
    if (!url.starts_with(kMetadataUrl)) return;
    metadata.emplace(url.substr(kMetadataUrl.size()), std::string(payload));
  });
  return metadata;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  std::int64_t nanoseconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), nanoseconds);
  return absl::Nanoseconds(nanoseconds);
}

}  // namespace omninode
