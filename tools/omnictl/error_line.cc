#include "tools/omnictl/error_line.h"

#include <optional>

#include <absl/strings/cord.h>
#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "tools/omnictl/renderer.h"

namespace omninode::omnictl {
namespace {

constexpr std::size_t kMaxMessageBytes = 1024;
constexpr char kAdviceUrl[] = "omninode/omnictl-advice";

// gRPC writes some messages over several lines.
std::string OneLine(std::string_view message) {
  std::string line(message.substr(0, kMaxMessageBytes));
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return SafeText(Trim(line));
}

}  // namespace

std::string_view AdviceFor(Reason reason) {
  switch (reason) {
    case Reason::kArgumentInvalid:
    case Reason::kNameInvalid:
    case Reason::kSpiffeIdInvalid:
      return "correct the value and run the command again";
    case Reason::kMsgTooLarge:
    case Reason::kMsgMalformed:
      return "check that the input is what the command expects";
    case Reason::kSigInvalid:
    case Reason::kAlgRejected:
      return "do not trust this message: it was changed, or another key signed it";
    case Reason::kCertProfile:
    case Reason::kCertUntrusted:
    case Reason::kTdMismatch:
      return "use an identity and a bundle of the same network";
    case Reason::kCertExpired:
    case Reason::kIdentityMissing:
      return "use a certificate that is there and valid; `omnictl identity issue` makes one";
    case Reason::kCertRevoked:
      return "get a new identity; this one was revoked";
    case Reason::kIdentityBanned:
      return "ask an administrator to run `omnictl identity unban`";
    case Reason::kIdentityMismatch:
    case Reason::kSubjectMismatch:
      return "use the identity that belongs to what the command is about";
    case Reason::kRoleRequired:
    case Reason::kNsForbidden:
      return "use an identity with the right, like /admin/NAME";
    case Reason::kAudienceMismatch:
    case Reason::kReplay:
      return "have the node sign a message of its own for this network and namespace";
    case Reason::kClockSkew:
    case Reason::kMessageExpired:
      return "set this machine's clock (timedatectl) and run the command again";
    case Reason::kStaleSequence:
    case Reason::kIdempotencyKeyReused:
      return "look at the newer state, then run the command again";
    case Reason::kNamespaceUnknown:
      return "list the namespaces with `omnictl namespace list`, or make it with "
             "`omnictl namespace create`";
    case Reason::kNamespaceExists:
      return "look at it with `omnictl namespace get`";
    case Reason::kQuotaNodes:
    case Reason::kQuotaNodeType:
      return "remove nodes or have the namespace's limits raised";
    case Reason::kTokenInvalid:
    case Reason::kTokenUsed:
    case Reason::kTokenExpired:
    case Reason::kTokenBinding:
      return "make a new token with `omnictl identity token create`";
    case Reason::kCsrForbiddenExt:
    case Reason::kCsrWeakKey:
    case Reason::kCsrBadPop:
    case Reason::kKeyReused:
      return "run the command again: it makes a new key";
    case Reason::kEntryMissing:
      return "allow it with `omnictl identity entry create`";
    case Reason::kEntryExists:
      return "find it with `omnictl identity entry list`, change it with "
             "`omnictl identity entry update`";
    case Reason::kNodeUnknown:
      return "list the nodes with `omnictl node list`";
    case Reason::kLeaseUnknown:
    case Reason::kLeaseExpired:
    case Reason::kMacInvalid:
      return "register the node again";
    case Reason::kPolicyDenied:
      return "read the decision's log, or ask who owns the policy";
    case Reason::kObjectUnknown:
      return "list what there is; it may be gone already";
    case Reason::kPageTokenInvalid:
    case Reason::kRevisionCompacted:
      return "begin again without a position";
    case Reason::kWatchSlow:
      return "resume with --since and the last position, and read faster";
    case Reason::kLoadShed:
    case Reason::kRateLimited:
    case Reason::kNotOwner:
    case Reason::kStoreUnavailable:
    case Reason::kTrustStale:
    case Reason::kShuttingDown:
      return "run the command again in a moment; `omnictl check` says how the services are";
    case Reason::kDeadline:
      return "run the command again, with a longer --timeout if need be";
    case Reason::kKeyFileMode:
      return "make it private: folders 0700, files 0600, yours";
    case Reason::kSchemaVersion:
      return "use the program of the version that wrote it";
    case Reason::kInternal:
      return "read the service's log";
  }
  OMNI_CHECK(false);
}

std::string_view AdviceFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "check that the service runs at that address and that the identity is of its network";
    case absl::StatusCode::kDeadlineExceeded:
      return "run the command again, with a longer --timeout if need be";
    case absl::StatusCode::kNotFound:
      return "check the path or name";
    case absl::StatusCode::kAlreadyExists:
      return "choose another name, or say --force to replace it";
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
      return "correct that and run the command again";
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return "use an identity with the right to do this";
    case absl::StatusCode::kResourceExhausted:
      return "ask for less, or free some space";
    case absl::StatusCode::kCancelled:
      return "run the command again";
    default:
      return "run the command again; if it stays so, read the service's log";
  }
}

absl::Status WithAdvice(absl::Status status, std::string_view advice) {
  status.SetPayload(kAdviceUrl, absl::Cord(ToAbsl(advice)));
  return status;
}

std::string ErrorLine(const absl::Status& status) {
  const std::optional<Reason> reason = ReasonOf(status);
  const std::string name =
      reason.has_value() ? std::string(NameOf(*reason)) : absl::StatusCodeToString(status.code());
  const auto own_advice = status.GetPayload(kAdviceUrl);
  const std::string advice =
      own_advice.has_value()
          ? std::string(*own_advice)
          : std::string(reason.has_value() ? AdviceFor(*reason) : AdviceFor(status.code()));
  return fmt::format("omnictl: {} ({}); {}\n", OneLine(Message(status)), name, OneLine(advice));
}

}  // namespace omninode::omnictl
