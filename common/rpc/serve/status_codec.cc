#include "common/rpc/serve/status_codec.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace omninode::rpc {
namespace {

constexpr char kDomain[] = "omninode";
constexpr char kFieldKey[] = "field";

// Protobuf strings must be UTF-8, and a cut must not make them something else.
std::string Bounded(std::string_view text, std::size_t max) {
  if (text.size() <= max && IsValidUtf8(text)) return std::string(text);
  std::string escaped = EscapeForDisplay(text, max - 3);
  escaped.resize(std::min(escaped.size(), max));
  return escaped;
}

void AddErrorInfo(Reason reason, const RejectMetadata& metadata, google::rpc::Status* out) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(NameOf(reason)));
  info.set_domain(kDomain);
  std::size_t count = 0;
  for (const auto& [key, value] : metadata) {
    if (key.size() > kMaxErrorKeyBytes || !IsValidUtf8(key)) continue;
    if (++count > kMaxErrorMetadata) break;
    (*info.mutable_metadata())[key] = Bounded(value, kMaxErrorValueBytes);
  }
  out->add_details()->PackFrom(info);
}

void AddRetryInfo(absl::Duration delay, google::rpc::Status* out) {
  google::rpc::RetryInfo info;
  absl::Duration rest = delay < absl::ZeroDuration() ? absl::ZeroDuration() : delay;
  info.mutable_retry_delay()->set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  info.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
  out->add_details()->PackFrom(info);
}

void AddBadRequest(std::string_view field, const google::rpc::Status& status, Reason reason,
                   google::rpc::Status* out) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(Bounded(field, kMaxErrorValueBytes));
  violation->set_description(status.message());
  violation->set_reason(std::string(NameOf(reason)));
  out->add_details()->PackFrom(bad);
}

// The details as values again.
absl::Status WithDetails(absl::Status status, const google::rpc::ErrorInfo& info,
                         const google::rpc::Status& wire) {
  for (const auto& [key, value] : info.metadata()) {
    status = WithMetadata(std::move(status), key, value);
  }
  for (const auto& any : wire.details()) {
    google::rpc::RetryInfo retry;
    if (!any.Is<google::rpc::RetryInfo>() || !any.UnpackTo(&retry)) continue;
    status = WithRetryAfter(std::move(status), absl::Seconds(retry.retry_delay().seconds()) +
                                                   absl::Nanoseconds(retry.retry_delay().nanos()));
  }
  return status;
}

}  // namespace

absl::Status OnWire(const absl::Status& status) {
  if (status.ok()) return status;
  const std::optional<Reason> reason = ReasonOf(status);
  if (reason == Reason::kNsForbidden || reason == Reason::kNamespaceUnknown) {
    return Reject(Reason::kNamespaceUnknown, "no such namespace");
  }
  // Nobody waits for the answer to a cancelled call; it is no failure of ours either.
  if (!reason.has_value() && absl::IsCancelled(status)) return absl::CancelledError("cancelled");
  if (!reason.has_value() || *reason == Reason::kInternal) {
    return Reject(Reason::kInternal, "internal error");
  }
  return status;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The numbers of the two enums are those of google.rpc.Code.
  const auto code = static_cast<grpc::StatusCode>(status.raw_code());
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(code));
  wire.set_message(Bounded(Message(status), kMaxErrorMessageBytes));
  if (const auto reason = ReasonOf(status); reason.has_value()) {
    const RejectMetadata metadata = MetadataOf(status);
    AddErrorInfo(*reason, metadata, &wire);
    const auto field = metadata.find(kFieldKey);
    if (absl::IsInvalidArgument(status) && field != metadata.end()) {
      AddBadRequest(field->second, wire, *reason, &wire);
    }
  }
  if (const auto delay = RetryAfterOf(status); delay.has_value()) AddRetryInfo(*delay, &wire);
  return grpc::Status(code, wire.message(), wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const absl::Status plain(static_cast<absl::StatusCode>(status.error_code()),
                           ToAbsl(status.error_message()));
  google::rpc::Status wire;
  if (status.error_details().empty() || !wire.ParseFromString(status.error_details())) return plain;
  for (const auto& any : wire.details()) {
    google::rpc::ErrorInfo info;
    if (!any.Is<google::rpc::ErrorInfo>() || !any.UnpackTo(&info)) continue;
    const std::optional<Reason> reason = ParseReason(info.reason());
    if (info.domain() != kDomain || !reason.has_value()) continue;
    return WithDetails(Reject(*reason, "{}", status.error_message()), info, wire);
  }
  return plain;
}

}  // namespace omninode::rpc
