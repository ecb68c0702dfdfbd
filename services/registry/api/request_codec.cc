#include "services/registry/api/request_codec.h"

#include <array>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/directory/tombstone.h"
#include "common/envelope/raw_envelope.h"
#include "common/envelope/wire_reader.h"
#include "common/envelope/wire_scan.h"
#include "omninode/registry/v1/registry_service.pb.h"

namespace omninode::registry {
namespace {

using envelope::FieldKind;
using envelope::FieldRule;
using envelope::MessageRule;
using envelope::Strictness;

constexpr std::size_t kMaxAdminRemovalBytes = 1024;

constexpr auto kRegisterFields = std::to_array<FieldRule>(
    {{1, FieldKind::kBytes, "envelope", false, envelope::kMaxEnvelopeBytes}});
constexpr MessageRule kRegisterRule{kRegisterFields};

constexpr auto kDeregisterFields = std::to_array<FieldRule>({
    {1, FieldKind::kBytes, "envelope", false, envelope::kMaxEnvelopeBytes},
    {2, FieldKind::kBytes, "admin", false, kMaxAdminRemovalBytes},
});
constexpr MessageRule kDeregisterRule{kDeregisterFields};

// The one field of a message that holds just one.
absl::StatusOr<envelope::WireField> OnlyField(std::string_view bytes, const MessageRule& rule) {
  OMNI_RETURN_IF_ERROR(envelope::ScanMessage(bytes, rule, Strictness::kRefuseUnknown));
  envelope::WireReader reader(bytes);
  if (reader.done()) return Reject(Reason::kMsgMalformed, "the request is empty");
  OMNI_ASSIGN_OR_RETURN(envelope::WireField field, reader.Next());
  OMNI_RETURN_IF_ERROR(reader.ReadBytes(&field));
  if (!reader.done()) return Reject(Reason::kMsgMalformed, "the request says two things at once");
  return field;
}

absl::StatusOr<AdminRemoval> DecodeAdminRemoval(std::string_view bytes) {
  v1::AdminRemoval message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Reject(Reason::kMsgMalformed, "admin: not an AdminRemoval");
  }
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceName::Parse(message.namespace_()));
  OMNI_ASSIGN_OR_RETURN(NodeId id, NodeId::Parse(message.node_id()));
  if (absl::Status text = directory::CheckReasonText(message.reason_text()); !text.ok()) {
    return AtField(text, "admin.reason_text");
  }
  if (message.request_id().size() > 64) {
    return Reject(Reason::kArgumentInvalid, "admin.request_id: longer than 64 bytes");
  }
  return AdminRemoval{{std::move(ns), std::move(id)}, message.reason_text(), message.request_id()};
}

}  // namespace

absl::StatusOr<std::string> DecodeRegisterRequest(std::string_view bytes) {
  OMNI_ASSIGN_OR_RETURN(const envelope::WireField field, OnlyField(bytes, kRegisterRule));
  return std::string(field.bytes);
}

absl::StatusOr<DeregisterWord> DecodeDeregisterRequest(std::string_view bytes) {
  OMNI_ASSIGN_OR_RETURN(const envelope::WireField field, OnlyField(bytes, kDeregisterRule));
  if (field.number == 1) return DeregisterWord(std::string(field.bytes));
  OMNI_ASSIGN_OR_RETURN(AdminRemoval removal, DecodeAdminRemoval(field.bytes));
  return DeregisterWord(std::move(removal));
}

}  // namespace omninode::registry
