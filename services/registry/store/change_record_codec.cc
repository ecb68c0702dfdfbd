#include "services/registry/store/change_record_codec.h"

#include <limits>
#include <optional>
#include <utility>

#include <google/protobuf/arena.h>

#include "common/base/status.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/type_codec.h"
#include "omninode/storage/v1/change_log.pb.h"

namespace omninode::registry {
namespace {

namespace v1 = storage::v1;

std::string ToText(const crypto::Sha256Digest& digest) {
  return std::string(crypto::DigestBytes(digest));
}

template <typename... Args>
absl::Status Damaged(fmt::format_string<Args...> format, Args&&... args) {
  return Error(absl::StatusCode::kDataLoss, "stored change record: {}",
               fmt::format(format, std::forward<Args>(args)...));
}

// DataLoss, whatever the part's own code.
absl::Status DamagedPart(const absl::Status& status) { return Damaged("{}", Message(status)); }

template <typename Message>
bool Parse(std::string_view bytes, Message* message) {
  return bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()) &&
         message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Encoding. Every function fills the message it is given, which is in the record's arena.

void Fill(const NamespaceInfo& info, v1::NamespaceCreation* out) {
  out->set_default_ttl(absl::ToInt64Nanoseconds(info.limits.default_ttl()));
  out->set_min_ttl(absl::ToInt64Nanoseconds(info.limits.min_ttl()));
  out->set_max_ttl(absl::ToInt64Nanoseconds(info.limits.max_ttl()));
  out->set_max_nodes(info.limits.max_nodes());
  out->set_created_at(absl::ToUnixNanos(info.created_at));
  out->set_actor(info.actor);
}

void Fill(const Signer& signer, v1::Signer* out) {
  out->set_spiffe_id(signer.spiffe_id);
  out->set_certificate_key(signer.certificate_key);
  out->set_not_before_seconds(absl::ToUnixSeconds(signer.not_before));
}

void Fill(const LastMessage& message, const Signer& signer, v1::LastMessage* out) {
  out->set_sequence(message.sequence);
  out->set_digest(ToText(message.digest));
  out->set_answer_version(message.answer_version);
  if (message.submitter != signer.spiffe_id) out->set_submitter(message.submitter);
}

void Fill(const Evidence& evidence, v1::Evidence* out) {
  out->set_body(evidence.body);
  out->set_signature(evidence.signature);
  out->set_algorithm(envelope::Encode(evidence.algorithm));
  out->set_leaf_fingerprint(ToText(evidence.chain->leaf_fingerprint));
}

void Fill(const Node& node, v1::NodeRecord* out) {
  out->set_node_id(node.view->node_id().value());
  out->set_version(node.view->version);
  out->set_registered_at(absl::ToUnixNanos(node.view->registered_at));
  out->set_health(envelope::Encode(node.view->introspection.health()));
  out->set_lease_handle(node.lease.value());
  out->set_ttl(absl::ToInt64Nanoseconds(node.view->lease_ttl));
  if (node.view->actor != node.signer.spiffe_id) out->set_actor(node.view->actor);
  out->set_decision(node.view->decision);
  Fill(node.last_message, node.signer, out->mutable_last_message());
  Fill(node.signer, out->mutable_signer());
  Fill(*node.evidence, out->mutable_evidence());
}

void Fill(const Departed& departed, v1::Departure* out) {
  const directory::Tombstone& tombstone = departed.tombstone;
  out->set_node_id(tombstone.node.id.value());
  out->set_node_type(tombstone.node_type.value());
  out->set_reason(envelope::Encode(tombstone.reason));
  out->set_reason_text(tombstone.reason_text);
  if (tombstone.actor != departed.signer.spiffe_id) out->set_actor(tombstone.actor);
  out->set_decision(tombstone.decision);
  out->set_uptime(absl::ToInt64Nanoseconds(tombstone.uptime));
  out->set_final_health(envelope::Encode(tombstone.final_health));
  Fill(departed.last_message, departed.signer, out->mutable_last_message());
  Fill(departed.signer, out->mutable_signer());
}

void Fill(const NodeChange& change, v1::NodeChange* out) {
  out->set_kind(static_cast<envelope::v1::ChangeKind>(change.kind));
  out->set_changed_fields(change.changed_fields.bits());
  if (change.before != nullptr) out->set_previous_node_version(change.before->view->version);
  const bool stays = change.after != nullptr;
  const std::string& actor = stays ? change.after->view->actor : change.departed->tombstone.actor;
  const std::string& decision =
      stays ? change.after->view->decision : change.departed->tombstone.decision;
  if (change.actor != actor) out->set_actor(change.actor);
  if (change.decision != decision) out->set_decision(change.decision);
  out->set_correlation_id(change.correlation_id);
  if (stays) {
    Fill(*change.after, out->mutable_after());
  } else {
    Fill(*change.departed, out->mutable_departed());
  }
}

void Fill(const AdminReceipt& receipt, v1::AdminReceipt* out) {
  out->set_principal(receipt.request.principal);
  out->set_request_id(receipt.request.request_id);
  out->set_digest(ToText(receipt.request.digest));
  out->set_time(absl::ToUnixNanos(receipt.time));
  if (receipt.node.has_value()) out->set_node_id(receipt.node->value());
}

// Decoding.

Signer ToSigner(const v1::Signer& in) {
  return {.spiffe_id = in.spiffe_id(),
          .certificate_key = in.certificate_key(),
          .not_before = absl::FromUnixSeconds(in.not_before_seconds())};
}

absl::StatusOr<LastMessage> ToLastMessage(const v1::LastMessage& in, const Signer& signer) {
  OMNI_ASSIGN_OR_RETURN(const auto digest, DigestFromStored(in.digest()));
  return LastMessage{.sequence = in.sequence(),
                     .digest = digest,
                     .answer_version = in.answer_version(),
                     .submitter = in.has_submitter() ? in.submitter() : signer.spiffe_id};
}

absl::StatusOr<EvidencePtr> ToEvidence(const v1::Evidence& in, const ChainLookup& chains) {
  const auto algorithm = envelope::Decode(in.algorithm());
  if (!algorithm.ok()) return DamagedPart(algorithm.status());
  OMNI_ASSIGN_OR_RETURN(const auto leaf, DigestFromStored(in.leaf_fingerprint()));
  OMNI_ASSIGN_OR_RETURN(ChainPtr chain, chains(leaf));
  return std::make_shared<const Evidence>(Evidence{.body = in.body(),
                                                   .signature = in.signature(),
                                                   .algorithm = *algorithm,
                                                   .chain = std::move(chain)});
}

absl::StatusOr<StoredNode> ToStoredNode(const v1::NodeRecord& in) {
  auto id = NodeId::Parse(in.node_id());
  if (!id.ok()) return DamagedPart(id.status());
  const auto health = envelope::Decode(in.health());
  if (!health.ok()) return DamagedPart(health.status());
  Signer signer = ToSigner(in.signer());
  OMNI_ASSIGN_OR_RETURN(LastMessage last_message, ToLastMessage(in.last_message(), signer));
  return StoredNode{.id = *std::move(id),
                    .version = in.version(),
                    .registered_at = absl::FromUnixNanos(in.registered_at()),
                    .health = *health,
                    .lease = LeaseHandle::FromValue(in.lease_handle()),
                    .ttl = absl::Nanoseconds(in.ttl()),
                    .actor = in.has_actor() ? in.actor() : signer.spiffe_id,
                    .decision = in.decision(),
                    .last_message = std::move(last_message),
                    .signer = std::move(signer)};
}

absl::StatusOr<NodePtr> ToNode(const NamespaceName& ns, const v1::NodeRecord& in,
                               const ChainLookup& chains) {
  OMNI_ASSIGN_OR_RETURN(StoredNode stored, ToStoredNode(in));
  OMNI_ASSIGN_OR_RETURN(EvidencePtr evidence, ToEvidence(in.evidence(), chains));
  return RebuildNode(ns, std::move(stored), std::move(evidence));
}

absl::StatusOr<Departed> ToDeparted(const ChangeRecord& record, const v1::Departure& in) {
  auto id = NodeId::Parse(in.node_id());
  if (!id.ok()) return DamagedPart(id.status());
  auto type = NodeType::Parse(in.node_type());
  if (!type.ok()) return DamagedPart(type.status());
  const auto reason = envelope::Decode(in.reason());
  if (!reason.ok()) return DamagedPart(reason.status());
  const auto health = envelope::Decode(in.final_health());
  if (!health.ok()) return DamagedPart(health.status());
  Signer signer = ToSigner(in.signer());
  OMNI_ASSIGN_OR_RETURN(LastMessage last_message, ToLastMessage(in.last_message(), signer));
  return Departed{.tombstone = {.node = {record.ns, *std::move(id)},
                                .node_type = *std::move(type),
                                .reason = *reason,
                                .reason_text = in.reason_text(),
                                .actor = in.has_actor() ? in.actor() : signer.spiffe_id,
                                .decision = in.decision(),
                                .removed_at = {record.incarnation, record.version},
                                .removed_time = record.time,
                                .uptime = absl::Nanoseconds(in.uptime()),
                                .final_health = *health,
                                .last_sequence = last_message.sequence},
                  .last_message = std::move(last_message),
                  .signer = std::move(signer)};
}

absl::StatusOr<directory::ChangeKind> ToKind(const v1::NodeChange& in) {
  const bool stays = in.has_after();
  if (!stays && !in.has_departed()) return Damaged("a change without a result");
  switch (in.kind()) {
    case envelope::v1::CHANGE_KIND_ADDED:
      if (stays) return directory::ChangeKind::kAdded;
      break;
    case envelope::v1::CHANGE_KIND_UPDATED:
      if (stays) return directory::ChangeKind::kUpdated;
      break;
    case envelope::v1::CHANGE_KIND_REMOVED:
      if (!stays) return directory::ChangeKind::kRemoved;
      break;
    default:
      break;
  }
  return Damaged("a change of kind {} does not fit its result", static_cast<int>(in.kind()));
}

absl::StatusOr<NodeChange> ToChange(const ChangeRecord& record, const v1::NodeChange& in,
                                    const ChainLookup& chains) {
  OMNI_ASSIGN_OR_RETURN(const directory::ChangeKind kind, ToKind(in));
  const std::uint32_t bits = in.changed_fields();
  const auto fields = bits > std::numeric_limits<std::uint16_t>::max()
                          ? std::nullopt
                          : directory::ChangedFields::FromBits(static_cast<std::uint16_t>(bits));
  if (!fields.has_value()) return Damaged("changed fields {:#x}", bits);
  NodeChange change{.kind = kind, .changed_fields = *fields};
  if (in.has_after()) {
    OMNI_ASSIGN_OR_RETURN(change.after, ToNode(record.ns, in.after(), chains));
    change.actor = change.after->view->actor;
    change.decision = change.after->view->decision;
  } else {
    OMNI_ASSIGN_OR_RETURN(Departed departed, ToDeparted(record, in.departed()));
    change.departed = std::make_shared<const Departed>(std::move(departed));
    change.actor = change.departed->tombstone.actor;
    change.decision = change.departed->tombstone.decision;
  }
  if (in.has_actor()) change.actor = in.actor();
  if (in.has_decision()) change.decision = in.decision();
  change.correlation_id = in.correlation_id();
  return change;
}

absl::StatusOr<NamespaceInfo> ToInfo(const ChangeRecord& record, const v1::NamespaceCreation& in) {
  const auto limits = NamespaceLimits::Create({.default_ttl = absl::Nanoseconds(in.default_ttl()),
                                               .min_ttl = absl::Nanoseconds(in.min_ttl()),
                                               .max_ttl = absl::Nanoseconds(in.max_ttl()),
                                               .max_nodes = in.max_nodes()});
  if (!limits.ok()) return DamagedPart(limits.status());
  return NamespaceInfo{.name = record.ns,
                       .limits = *limits,
                       .incarnation = record.incarnation,
                       .created_at = absl::FromUnixNanos(in.created_at()),
                       .actor = in.actor()};
}

absl::StatusOr<AdminReceipt> ToReceipt(const v1::AdminReceipt& in) {
  OMNI_ASSIGN_OR_RETURN(const auto digest, DigestFromStored(in.digest()));
  AdminReceipt receipt{.request = {in.principal(), in.request_id(), digest},
                       .time = absl::FromUnixNanos(in.time()),
                       .node = std::nullopt};
  if (in.node_id().empty()) return receipt;
  auto node = NodeId::Parse(in.node_id());
  if (!node.ok()) return DamagedPart(node.status());
  receipt.node = *std::move(node);
  return receipt;
}

}  // namespace

std::string EncodeChangeRecord(const ChangeRecord& record) {
  google::protobuf::Arena arena;
  auto* out = google::protobuf::Arena::CreateMessage<v1::ChangeRecord>(&arena);
  out->set_namespace_(record.ns.value());
  out->set_incarnation(record.incarnation);
  out->set_version(record.version);
  out->set_term(record.term);
  out->set_time(absl::ToUnixNanos(record.time));
  if (record.created.has_value()) Fill(*record.created, out->mutable_created());
  for (const NodeChange& change : record.changes) Fill(change, out->add_changes());
  for (const NodePtr& node : record.renewed) Fill(*node, out->add_renewed());
  for (const AdminReceipt& receipt : record.receipts) Fill(receipt, out->add_receipts());
  return out->SerializeAsString();
}

absl::StatusOr<LoggedRecord> DecodeChangeRecord(std::string_view bytes, const ChainLookup& chains) {
  v1::ChangeRecord in;
  if (!Parse(bytes, &in)) return Damaged("not a record");
  auto ns = NamespaceName::Parse(in.namespace_());
  if (!ns.ok()) return DamagedPart(ns.status());
  LoggedRecord logged{.record = {.ns = *std::move(ns),
                                 .incarnation = in.incarnation(),
                                 .version = in.version(),
                                 .term = in.term(),
                                 .time = absl::FromUnixNanos(in.time())}};
  ChangeRecord& record = logged.record;
  if (in.has_created()) {
    OMNI_ASSIGN_OR_RETURN(record.created, ToInfo(record, in.created()));
  }
  for (const v1::NodeChange& change : in.changes()) {
    OMNI_ASSIGN_OR_RETURN(NodeChange decoded, ToChange(record, change, chains));
    record.changes.push_back(std::move(decoded));
    logged.previous_versions.push_back(change.previous_node_version());
  }
  for (const v1::NodeRecord& node : in.renewed()) {
    OMNI_ASSIGN_OR_RETURN(NodePtr decoded, ToNode(record.ns, node, chains));
    record.renewed.push_back(std::move(decoded));
  }
  for (const v1::AdminReceipt& receipt : in.receipts()) {
    OMNI_ASSIGN_OR_RETURN(AdminReceipt decoded, ToReceipt(receipt));
    record.receipts.push_back(std::move(decoded));
  }
  return logged;
}

LoggedVersion ToLoggedVersion(LoggedRecord logged, std::uint64_t seq) {
  ChangeRecord& record = logged.record;
  LoggedVersion version{.ns = record.ns,
                        .seq = seq,
                        .term = record.term,
                        .previous_version = record.version - 1,
                        .diff = {.position = {record.incarnation, record.version},
                                 .changes = {},
                                 .timestamp = record.time},
                        .after = {}};
  for (std::size_t i = 0; i < record.changes.size(); ++i) {
    NodeChange& change = record.changes[i];
    const bool stays = change.after != nullptr;
    directory::TopologyChange shown{
        .kind = change.kind,
        .node = stays ? change.after->view : nullptr,
        .node_id = change.id(),
        .node_type = stays ? change.after->view->node_type() : change.departed->tombstone.node_type,
        .changed_fields = change.changed_fields,
        .previous_node_version = logged.previous_versions[i],
        .actor = std::move(change.actor),
        .decision = std::move(change.decision),
        .correlation_id = std::move(change.correlation_id)};
    if (!stays) {
      shown.removal_reason = change.departed->tombstone.reason;
      shown.reason_text = change.departed->tombstone.reason_text;
    }
    version.diff.changes.push_back(std::move(shown));
    version.after.push_back(std::move(change.after));
  }
  return version;
}

std::string EncodeEvidence(const Evidence& evidence) {
  v1::Evidence out;
  Fill(evidence, &out);
  return out.SerializeAsString();
}

absl::StatusOr<EvidencePtr> DecodeEvidence(std::string_view bytes, const ChainLookup& chains) {
  v1::Evidence in;
  if (!Parse(bytes, &in)) return Damaged("not evidence");
  return ToEvidence(in, chains);
}

absl::StatusOr<std::vector<EvidenceInRecord>> EvidenceIn(std::string_view change_record) {
  v1::ChangeRecord in;
  if (!Parse(change_record, &in)) return Damaged("not a record");
  std::vector<EvidenceInRecord> all;
  const auto add = [&](const v1::NodeRecord& node) -> absl::Status {
    auto id = NodeId::Parse(node.node_id());
    if (!id.ok()) return DamagedPart(id.status());
    all.push_back({*std::move(id), node.evidence().SerializeAsString()});
    return absl::OkStatus();
  };
  for (const v1::NodeChange& change : in.changes()) {
    if (change.has_after()) OMNI_RETURN_IF_ERROR(add(change.after()));
  }
  for (const v1::NodeRecord& node : in.renewed()) OMNI_RETURN_IF_ERROR(add(node));
  return all;
}

std::string EncodeChain(const CertificateChain& chain) {
  v1::CertificateChain out;
  for (const std::string& der : chain.der) out.add_der(der);
  return out.SerializeAsString();
}

absl::StatusOr<ChainPtr> DecodeChain(const crypto::Sha256Digest& leaf, std::string_view bytes) {
  v1::CertificateChain in;
  if (!Parse(bytes, &in)) return Damaged("not a certificate chain");
  return std::make_shared<const CertificateChain>(
      CertificateChain{leaf, {in.der().begin(), in.der().end()}});
}

}  // namespace omninode::registry
