#include "services/registry/topology/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "services/registry/topology/sequence_rule.h"

namespace omninode::registry {
namespace {

using directory::ChangedField;
using directory::ChangeKind;

// What the group does to one namespace so far.
struct Draft {
  const NamespaceState* state;  // null for a namespace this group creates
  ChangeRecord record;
  std::set<NodeId> settled;  // nodes this group has dealt with
  std::int64_t added = 0;    // net
  std::map<NodeType, std::int64_t> added_of_type;
  std::uint64_t leases = 0;
  std::size_t bytes = 0;
  bool full = false;

  std::uint64_t next_version() const { return state->position().version + 1; }
  bool MustWait(const NodeId& id) const { return full || settled.contains(id); }

  bool HasReceipt(const AdminRequest& request) const {
    return std::ranges::any_of(record.receipts, [&](const AdminReceipt& receipt) {
      return receipt.request.principal == request.principal &&
             receipt.request.request_id == request.request_id;
    });
  }

  // Makes room for what a node said, of which a version holds at least one. False: the draft is
  // full, and nothing more goes in, so that no message overtakes an earlier one of its node.
  bool Reserve(const Evidence& evidence) {
    std::size_t size = evidence.body.size() + evidence.signature.size();
    for (const std::string& certificate : evidence.chain->der) size += certificate.size();
    full = bytes > 0 && bytes + size > kMaxVersionBytes;
    if (!full) bytes += size;
    return !full;
  }
};

class Planner {
 public:
  Planner(const TopologyState& state, const PlanContext& context)
      : state_(state), context_(context) {}

  Plan Run(std::span<const Command> commands) {
    Plan plan;
    plan.outcomes.reserve(commands.size());
    for (const Command& command : commands) {
      plan.outcomes.push_back(std::visit([this](const auto& c) { return Decide(c); }, command));
    }
    for (auto& [name, draft] : drafts_) {
      if (draft.record.empty()) continue;
      std::ranges::sort(draft.record.changes, {}, [](const NodeChange& c) { return c.id(); });
      draft.record.version += draft.record.changes.empty() ? 0 : 1;
      plan.records.push_back(std::move(draft.record));
    }
    return plan;
  }

 private:
  // Null when there is no such namespace, or only one that this group is about to create.
  Draft* DraftOf(const NamespaceName& name) {
    if (const auto it = drafts_.find(name); it != drafts_.end()) {
      return it->second.state == nullptr ? nullptr : &it->second;
    }
    const NamespaceState* state = state_.Find(name);
    if (state == nullptr) return nullptr;
    return &NewDraft(state, name, state->position());
  }

  Draft& NewDraft(const NamespaceState* state, const NamespaceName& name,
                  directory::Position position) {
    Draft draft{.state = state,
                .record = ChangeRecord{.ns = name,
                                       .incarnation = position.incarnation,
                                       .version = position.version,
                                       .term = context_.term,
                                       .time = context_.now}};
    return drafts_.emplace(name, std::move(draft)).first->second;
  }

  bool CreatedInThisGroup(const NamespaceName& name) const {
    const auto it = drafts_.find(name);
    return it != drafts_.end() && it->second.state == nullptr;
  }

  // What admission found may have been overtaken by a revocation or a new policy.
  absl::Status StillGood(const Admitted& admitted) const {
    OMNI_RETURN_IF_ERROR(CheckSigner(context_.trust, admitted.signer));
    if (admitted.decision.revision != context_.policy_revision) {
      return WithRetryAfter(Reject(Reason::kLoadShed, "the policy changed meanwhile; try again"),
                            absl::ZeroDuration());
    }
    return absl::OkStatus();
  }

  Outcome Decide(const RegisterCommand& command);
  Outcome Decide(const LeaveCommand& command);
  Outcome Decide(const RemoveCommand& command);
  Outcome Decide(const HealthCommand& command);
  Outcome Decide(const CreateNamespaceCommand& command);

  absl::Status CheckQuota(const Draft& draft, const Admitted& admitted) const;
  Outcome Add(Draft& draft, const RegisterCommand& command, absl::Duration ttl);
  Outcome Update(Draft& draft, const NodePtr& before, const RegisterCommand& command,
                 absl::Duration ttl);
  // Takes the node off and returns its record.
  DepartedPtr Remove(Draft& draft, const NodePtr& before, Departed departed,
                     std::string correlation_id);

  const TopologyState& state_;
  const PlanContext& context_;
  std::map<NamespaceName, Draft> drafts_;
};

LastMessage MessageOf(const Admitted& admitted, std::uint64_t answer_version) {
  return {admitted.sequence, admitted.digest, answer_version, admitted.submitter};
}

Registered StoredAnswer(const directory::Position& head, const Node& node) {
  return {.node = node.view->ref(),
          .subject = node.signer.spiffe_id,
          .position = {head.incarnation, node.last_message.answer_version},
          .lease = node.lease,
          .ttl = node.view->lease_ttl,
          .decision = node.view->decision,
          .repeated = true};
}

Outcome Planner::Decide(const RegisterCommand& command) {
  const Admitted& admitted = command.admitted;
  if (CreatedInThisGroup(admitted.node.ns)) return Deferred{};
  Draft* draft = DraftOf(admitted.node.ns);
  if (draft == nullptr) return UnknownNamespace(admitted.node.ns);
  if (draft->MustWait(admitted.node.id)) return Deferred{};
  if (absl::Status good = StillGood(admitted); !good.ok()) return good;

  const NodePtr node = draft->state->nodes().Find(admitted.node.id);
  const DepartedPtr departed = draft->state->FindDeparted(admitted.node.id);
  const auto verdict = JudgeSequence(admitted, node.get(), departed.get());
  if (!verdict.ok()) return verdict.status();
  if (*verdict == SequenceVerdict::kRepeated) {
    // A retry of the registration that a tombstone followed must not bring the node back.
    if (node == nullptr) return StaleSequence(admitted, departed->last_message.sequence);
    return Answer(StoredAnswer(draft->state->position(), *node));
  }
  if (!admitted.clock.ok()) return admitted.clock;
  const auto ttl = draft->state->info().limits.Resolve(command.introspection.requested_ttl());
  if (!ttl.ok()) return ttl.status();
  if (node != nullptr) return Update(*draft, node, command, *ttl);
  if (absl::Status quota = CheckQuota(*draft, admitted); !quota.ok()) return quota;
  return Add(*draft, command, *ttl);
}

absl::Status Planner::CheckQuota(const Draft& draft, const Admitted& admitted) const {
  const auto live = static_cast<std::int64_t>(draft.state->nodes().size()) + draft.added;
  const std::uint64_t max_nodes = draft.state->info().limits.max_nodes();
  if (live >= static_cast<std::int64_t>(max_nodes)) {
    return Reject(Reason::kQuotaNodes, "namespace '{}' has its {} nodes", admitted.node.ns.value(),
                  max_nodes);
  }
  if (!admitted.decision.max_nodes_of_type.has_value()) return absl::OkStatus();
  const auto pending = draft.added_of_type.find(admitted.type);
  const std::int64_t of_type = static_cast<std::int64_t>(draft.state->CountOfType(admitted.type)) +
                               (pending == draft.added_of_type.end() ? 0 : pending->second);
  if (of_type >= static_cast<std::int64_t>(*admitted.decision.max_nodes_of_type)) {
    return Reject(Reason::kQuotaNodeType, "namespace '{}' has its {} nodes of type '{}'",
                  admitted.node.ns.value(), *admitted.decision.max_nodes_of_type,
                  admitted.type.value());
  }
  return absl::OkStatus();
}

Outcome Planner::Add(Draft& draft, const RegisterCommand& command, absl::Duration ttl) {
  const Admitted& admitted = command.admitted;
  const std::uint64_t version = draft.next_version();
  draft.full = draft.leases == LeaseHandle::kMaxPerVersion;
  if (draft.full || !draft.Reserve(*admitted.evidence)) return Deferred{};
  auto node =
      std::make_shared<Node>(Node{.view = std::make_shared<directory::NodeView>(
                                      directory::NodeView{.introspection = command.introspection,
                                                          .version = version,
                                                          .registered_at = context_.now,
                                                          .actor = admitted.signer.spiffe_id,
                                                          .decision = admitted.decision.id,
                                                          .lease_ttl = ttl}),
                                  .lease = LeaseHandle(version, draft.leases++),
                                  .last_message = MessageOf(admitted, version),
                                  .signer = admitted.signer,
                                  .evidence = admitted.evidence});
  draft.settled.insert(admitted.node.id);
  ++draft.added;
  ++draft.added_of_type[admitted.type];
  draft.record.changes.push_back({.kind = ChangeKind::kAdded,
                                  .before = nullptr,
                                  .after = node,
                                  .departed = nullptr,
                                  .changed_fields = {},
                                  .actor = admitted.signer.spiffe_id,
                                  .decision = admitted.decision.id,
                                  .correlation_id = admitted.correlation_id});
  return Answer(Registered{.node = admitted.node,
                           .subject = admitted.signer.spiffe_id,
                           .position = {draft.record.incarnation, version},
                           .lease = node->lease,
                           .ttl = ttl,
                           .decision = admitted.decision.id});
}

Outcome Planner::Update(Draft& draft, const NodePtr& before, const RegisterCommand& command,
                        absl::Duration ttl) {
  const Admitted& admitted = command.admitted;
  if (!draft.Reserve(*admitted.evidence)) return Deferred{};
  directory::NodeView view{.introspection = command.introspection,
                           .version = draft.next_version(),
                           .registered_at = before->view->registered_at,
                           .actor = admitted.signer.spiffe_id,
                           .decision = admitted.decision.id,
                           .lease_ttl = ttl};
  directory::ChangedFields fields = ComputeChangedFields(*before->view, view);
  const bool visible = !fields.empty();
  if (before->evidence->chain->leaf_fingerprint != admitted.evidence->chain->leaf_fingerprint) {
    fields.Add(ChangedField::kEvidence);
  }
  const std::uint64_t answered =
      fields.empty() ? draft.state->position().version : draft.next_version();
  // Who does not see evidence must not see a new version of the node for it alone.
  if (!visible) view.version = before->view->version;
  auto after = std::make_shared<Node>(
      Node{.view = std::make_shared<const directory::NodeView>(std::move(view)),
           .lease = before->lease,
           .last_message = MessageOf(admitted, answered),
           .signer = admitted.signer,
           .evidence = admitted.evidence});
  draft.settled.insert(admitted.node.id);
  const Registered answer{.node = admitted.node,
                          .subject = admitted.signer.spiffe_id,
                          .position = {draft.record.incarnation, answered},
                          .lease = after->lease,
                          .ttl = ttl,
                          .decision = admitted.decision.id};
  if (fields.empty()) {
    draft.record.renewed.push_back(std::move(after));
    return Answer(answer);
  }
  if (visible) fields.Add(ChangedField::kEvidence);  // another description is another envelope
  draft.record.changes.push_back({.kind = ChangeKind::kUpdated,
                                  .before = before,
                                  .after = std::move(after),
                                  .departed = nullptr,
                                  .changed_fields = fields,
                                  .actor = admitted.signer.spiffe_id,
                                  .decision = admitted.decision.id,
                                  .correlation_id = admitted.correlation_id});
  return Answer(answer);
}

DepartedPtr Planner::Remove(Draft& draft, const NodePtr& before, Departed departed,
                            std::string correlation_id) {
  departed.tombstone.removed_at = {draft.record.incarnation, draft.next_version()};
  departed.tombstone.removed_time = context_.now;
  departed.tombstone.uptime = context_.now - before->view->registered_at;
  departed.tombstone.last_sequence = departed.last_message.sequence;
  auto shared = std::make_shared<const Departed>(std::move(departed));
  draft.settled.insert(before->view->node_id());
  --draft.added;
  --draft.added_of_type[before->view->node_type()];
  draft.record.changes.push_back({.kind = ChangeKind::kRemoved,
                                  .before = before,
                                  .after = nullptr,
                                  .departed = shared,
                                  .changed_fields = {},
                                  .actor = shared->tombstone.actor,
                                  .decision = shared->tombstone.decision,
                                  .correlation_id = std::move(correlation_id)});
  return shared;
}

Outcome Planner::Decide(const LeaveCommand& command) {
  const Admitted& admitted = command.admitted;
  if (CreatedInThisGroup(admitted.node.ns)) return Deferred{};
  Draft* draft = DraftOf(admitted.node.ns);
  if (draft == nullptr) return UnknownNamespace(admitted.node.ns);
  if (draft->MustWait(admitted.node.id)) return Deferred{};
  // Leaving is always allowed: no policy is asked.
  const absl::Status signer = CheckSigner(context_.trust, admitted.signer);
  if (!signer.ok()) return signer;

  const NodePtr node = draft->state->nodes().Find(admitted.node.id);
  const DepartedPtr departed = draft->state->FindDeparted(admitted.node.id);
  const auto verdict = JudgeSequence(admitted, node.get(), departed.get());
  if (!verdict.ok()) return verdict.status();
  if (*verdict == SequenceVerdict::kRepeated) {
    // The digest covers the event type, so what is repeated is this very tombstone.
    if (departed == nullptr) return StaleSequence(admitted, node->last_message.sequence);
    return Answer(Removed{departed->tombstone});
  }
  if (!admitted.clock.ok()) return admitted.clock;
  if (node == nullptr) {
    return Reject(Reason::kNodeUnknown, "there is no live node '{}'", admitted.node.id.value());
  }
  const DepartedPtr gone =
      Remove(*draft, node,
             Departed{.tombstone = {.node = admitted.node,
                                    .node_type = admitted.type,
                                    .reason = directory::RemovalReason::kGracefulShutdown,
                                    .reason_text = command.reason_text,
                                    .actor = admitted.signer.spiffe_id,
                                    .decision = admitted.decision.id,
                                    .final_health = command.final_health},
                      .last_message = MessageOf(admitted, draft->next_version()),
                      .signer = admitted.signer},
             admitted.correlation_id);
  return Answer(Removed{gone->tombstone});
}

Outcome Planner::Decide(const RemoveCommand& command) {
  if (CreatedInThisGroup(command.node.ns)) return Deferred{};
  Draft* draft = DraftOf(command.node.ns);
  if (draft == nullptr) return UnknownNamespace(command.node.ns);
  if (draft->MustWait(command.node.id)) return Deferred{};
  if (command.request.has_value()) {
    const AdminReceipt* receipt =
        draft->state->FindReceipt(command.request->principal, command.request->request_id);
    if (receipt != nullptr && receipt->request.digest != command.request->digest) {
      return Reject(Reason::kIdempotencyKeyReused, "request_id was used for another request");
    }
    if (receipt != nullptr) {
      const DepartedPtr departed = draft->state->FindDeparted(command.node.id);
      if (departed != nullptr) return Answer(Removed{departed->tombstone});
      return Reject(Reason::kIdempotencyKeyReused,
                    "this request was carried out, and the node has come back since");
    }
    // Of two at once the second is judged when the first is known.
    if (draft->HasReceipt(*command.request)) return Deferred{};
  }
  const NodePtr node = draft->state->nodes().Find(command.node.id);
  if (node == nullptr || (command.only_lease.has_value() && *command.only_lease != node->lease)) {
    if (command.only_lease.has_value()) return Answer(NothingToDo{});
    return Reject(Reason::kNodeUnknown, "there is no live node '{}'", command.node.id.value());
  }
  // It has signed anew since, with a certificate that is good.
  if (command.reason == directory::RemovalReason::kIdentityRevoked &&
      CheckSigner(context_.trust, node->signer).ok()) {
    return Answer(NothingToDo{});
  }
  const DepartedPtr gone =
      Remove(*draft, node,
             Departed{.tombstone = {.node = command.node,
                                    .node_type = node->view->node_type(),
                                    .reason = command.reason,
                                    .reason_text = command.reason_text,
                                    .actor = command.actor,
                                    .decision = command.decision,
                                    .final_health = node->view->introspection.health()},
                      .last_message = node->last_message,
                      .signer = node->signer},
             {});
  if (command.request.has_value()) {
    draft->record.receipts.push_back({*command.request, context_.now, command.node.id});
  }
  return Answer(Removed{gone->tombstone});
}

Outcome Planner::Decide(const HealthCommand& command) {
  if (CreatedInThisGroup(command.node.ns)) return Answer(NothingToDo{});
  Draft* draft = DraftOf(command.node.ns);
  if (draft == nullptr) return Answer(NothingToDo{});
  if (draft->MustWait(command.node.id)) return Deferred{};
  const NodePtr node = draft->state->nodes().Find(command.node.id);
  if (node == nullptr || node->lease != command.lease ||
      node->view->introspection.health() == command.health) {
    return Answer(NothingToDo{});
  }
  if (!draft->Reserve(*node->evidence)) return Deferred{};
  auto view = std::make_shared<directory::NodeView>(*node->view);
  view->introspection = view->introspection.WithHealth(command.health);
  view->version = draft->next_version();
  auto after = std::make_shared<Node>(*node);
  after->view = std::move(view);
  draft->settled.insert(command.node.id);
  draft->record.changes.push_back({.kind = ChangeKind::kUpdated,
                                   .before = node,
                                   .after = std::move(after),
                                   .departed = nullptr,
                                   .changed_fields = {ChangedField::kHealth},
                                   .actor = node->signer.spiffe_id,
                                   .decision = node->view->decision,
                                   .correlation_id = {}});
  return Answer(NothingToDo{});
}

Outcome Planner::Decide(const CreateNamespaceCommand& command) {
  if (CreatedInThisGroup(command.name)) return Deferred{};
  if (const NamespaceState* state = state_.Find(command.name); state != nullptr) {
    if (state->info().limits == command.limits)
      return Answer(NamespaceCreated{state->info(), true});
    return Reject(Reason::kNamespaceExists, "namespace '{}' exists with other limits",
                  command.name.value());
  }
  NamespaceInfo info{.name = command.name,
                     .limits = command.limits,
                     .incarnation = 1,
                     .created_at = context_.now,
                     .actor = command.actor};
  Draft& draft = NewDraft(nullptr, command.name, {info.incarnation, 0});
  draft.record.created = info;
  return Answer(NamespaceCreated{std::move(info), false});
}

}  // namespace

Plan MakePlan(const TopologyState& state, std::span<const Command> commands,
              const PlanContext& context) {
  return Planner(state, context).Run(commands);
}

}  // namespace omninode::registry
