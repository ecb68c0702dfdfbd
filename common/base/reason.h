#ifndef OMNINODE_COMMON_BASE_REASON_H_
#define OMNINODE_COMMON_BASE_REASON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/time/time.h>
#include <fmt/format.h>

// The closed list of reasons for which this suite says no, and the one way to say it.
//
// Every rejection carries exactly one Reason. Its row (RowOf) fixes the status code, the log level
// and whether the same request may succeed later. proto/omninode/type/v1/error_reason.proto
// carries the same list for clients; a test compares the two. docs/reference/errors.md explains
// each reason: meaning, who must act, whether a retry helps.
namespace omninode {

enum class Reason : std::uint8_t {
  // Signatures and messages.
  kSigInvalid,
  kAlgRejected,
  kMsgTooLarge,
  kMsgMalformed,
  kArgumentInvalid,
  kNameInvalid,
  kAudienceMismatch,
  kClockSkew,
  kMessageExpired,
  kReplay,
  kStaleSequence,
  kIdempotencyKeyReused,
  // Identity.
  kIdentityMissing,
  kIdentityMismatch,
  kSubjectMismatch,
  kSpiffeIdInvalid,
  kCertProfile,
  kCertUntrusted,
  kCertExpired,
  kCertRevoked,
  kIdentityBanned,
  kTdMismatch,
  kRoleRequired,
  // Tenancy.
  kNsForbidden,
  kNamespaceUnknown,
  kNamespaceExists,
  kQuotaNodes,
  kQuotaNodeType,
  // Attestation and issuing.
  kTokenInvalid,
  kTokenUsed,
  kTokenExpired,
  kTokenBinding,
  kCsrForbiddenExt,
  kCsrWeakKey,
  kCsrBadPop,
  kKeyReused,
  kEntryMissing,
  kEntryExists,
  // Registry objects.
  kNodeUnknown,
  kLeaseUnknown,
  kLeaseExpired,
  kMacInvalid,
  kPolicyDenied,
  kObjectUnknown,
  kPageTokenInvalid,
  kRevisionCompacted,
  kWatchSlow,
  // The service itself.
  kLoadShed,
  kRateLimited,
  kNotOwner,
  kStoreUnavailable,
  kTrustStale,
  kShuttingDown,
  kDeadline,
  // Local state at start-up.
  kKeyFileMode,
  kSchemaVersion,
  kInternal,
};

enum class RejectLevel : std::uint8_t { kInfo, kWarning, kError };

struct ReasonRow {
  Reason reason;
  std::string_view name;  // "SIG_INVALID": ErrorInfo.reason, metric label and log field
  absl::StatusCode code;
  RejectLevel level;
  bool retry_helps;
};

// Rows in enum order, one per Reason.
std::span<const ReasonRow> ReasonTable();
const ReasonRow& RowOf(Reason reason);
inline std::string_view NameOf(Reason reason) { return RowOf(reason).name; }
std::optional<Reason> ParseReason(std::string_view name);

// What a client may learn beside the reason, as ErrorInfo.metadata. Never secrets or payload.
using RejectMetadata = std::map<std::string, std::string, std::less<>>;

namespace internal {
absl::Status MakeRejection(Reason reason, std::string message);
}

// Reject(Reason::kClockSkew, "signed {} ahead", skew): a Status with the row's code and the reason
// attached. The message is for people; programs read the reason.
template <typename... Args>
absl::Status Reject(Reason reason, fmt::format_string<Args...> format, Args&&... args) {
  return internal::MakeRejection(reason, fmt::format(format, std::forward<Args>(args)...));
}

// The rejection with one more metadata value. Identity for OK.
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);

// The rejection with a hint when to try again (google.rpc.RetryInfo on the wire).
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// nullopt for OK and for statuses not made by Reject.
std::optional<Reason> ReasonOf(const absl::Status& status);
RejectMetadata MetadataOf(const absl::Status& status);
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

}  // namespace omninode

#endif  // OMNINODE_COMMON_BASE_REASON_H_
