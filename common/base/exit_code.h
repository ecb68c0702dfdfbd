#ifndef OMNINODE_COMMON_BASE_EXIT_CODE_H_
#define OMNINODE_COMMON_BASE_EXIT_CODE_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/strings/cord.h>

#include "common/base/reason.h"

// How every program of the suite ends. Scripts and supervisors rely on the numbers (sysexits.h).
namespace omninode {

enum class ExitCode : int {
  kOk = 0,
  kProblemsFound = 1,
  kUsage = 64,
  kBadData = 65,
  kMissingInput = 66,
  kUnavailable = 69,
  kIo = 74,
  kDeadline = 75,
  kRefused = 77,
  kConfiguration = 78,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;
};

inline constexpr auto kExitCodeTable = std::to_array<ExitCodeRow>({
    {ExitCode::kOk, "done"},
    {ExitCode::kProblemsFound, "check found problems"},
    {ExitCode::kUsage, "the command line is wrong"},
    {ExitCode::kBadData, "the database is corrupt or of a newer version"},
    {ExitCode::kMissingInput, "a file or folder is missing"},
    {ExitCode::kUnavailable, "a service cannot be reached, or the port is in use"},
    {ExitCode::kIo, "input/output error, disk full, or another failure of this machine"},
    {ExitCode::kDeadline, "not done in time"},
    {ExitCode::kRefused, "the service refused"},
    {ExitCode::kConfiguration, "wrong configuration, or a key file that others may read"},
});

namespace internal {
inline constexpr char kExitCodeUrl[] = "omninode/exit-code";

inline ExitCode ExitCodeOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kUsage;
    case absl::StatusCode::kDataLoss:
      return ExitCode::kBadData;
    case absl::StatusCode::kNotFound:
      return ExitCode::kMissingInput;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnimplemented:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return ExitCode::kDeadline;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kRefused;
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kConfiguration;
    default:  // RESOURCE_EXHAUSTED of the disk, INTERNAL, UNKNOWN
      return ExitCode::kIo;
  }
}
}  // namespace internal

// The status with the exit code that its code alone would not give. OK stays OK.
inline absl::Status WithExitCode(absl::Status status, ExitCode code) {
  status.SetPayload(internal::kExitCodeUrl, absl::Cord(std::to_string(static_cast<int>(code))));
  return status;
}

// What to exit with after `status`: the code attached to it, else by its reason (a rejection of
// what somebody asked for is "refused"), else by its code.
inline ExitCode ExitCodeFor(const absl::Status& status) {
  if (const auto attached = status.GetPayload(internal::kExitCodeUrl); attached.has_value()) {
    for (const ExitCodeRow& row : kExitCodeTable) {
      if (std::to_string(static_cast<int>(row.code)) == std::string(*attached)) return row.code;
    }
  }
  const std::optional<Reason> reason = ReasonOf(status);
  if (reason == Reason::kKeyFileMode) return ExitCode::kConfiguration;
  if (reason == Reason::kSchemaVersion) return ExitCode::kBadData;
  const ExitCode code = internal::ExitCodeOfCode(status.code());
  if (reason.has_value() && (code == ExitCode::kMissingInput || code == ExitCode::kConfiguration ||
                             status.code() == absl::StatusCode::kOutOfRange ||
                             status.code() == absl::StatusCode::kResourceExhausted)) {
    return ExitCode::kRefused;
  }
  return code;
}

}  // namespace omninode

#endif  // OMNINODE_COMMON_BASE_EXIT_CODE_H_
