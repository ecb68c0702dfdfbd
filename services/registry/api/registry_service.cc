#include "services/registry/api/registry_service.h"

#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/directory/position.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/serve/async_unary.h"
#include "common/rpc/serve/caller.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/stream/message_bytes.h"
#include "common/rpc/stream/refused_stream.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"
#include "services/registry/api/heartbeat_reactor.h"
#include "services/registry/api/node_codec.h"
#include "services/registry/api/request_codec.h"
#include "services/registry/lease/lease_key.h"

namespace omninode::registry {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using rpc::Access;
using rpc::Caller;
using rpc::Completion;

const rpc::RpcRule& Rule(std::string_view method) {
  return rpc::RuleOf("omninode.registry.v1.RegistryService/" + std::string(method));
}

Submitter SubmitterOf(const Caller& caller) {
  const auto* service = caller.principal().As<identity::ServiceIdentity>();
  const bool carries = caller.principal().kind() == identity::Principal::Kind::kAgent ||
                       (service != nullptr && service->name.value() == "registry");
  return {caller.id(), carries};
}

// Whether the answer may hold the lease key: a registry instance that forwards has no use for it.
bool MayHoldLease(const Submitter& submitter, const std::string& subject) {
  return !submitter.carries_for_others || submitter.id.ToString() == subject ||
         submitter.id.path().starts_with("/agent/");
}

absl::StatusOr<std::string> BytesOf(const ByteBuffer& buffer) {
  if (buffer.Length() > kMaxEnvelopeRequestBytes) {
    return Reject(Reason::kMsgTooLarge, "the request has {} bytes, at most {} are taken",
                  buffer.Length(), kMaxEnvelopeRequestBytes);
  }
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) {
    return Reject(Reason::kMsgMalformed, "the request cannot be read");
  }
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

template <typename T>
absl::StatusOr<T> AnswerAs(absl::StatusOr<Answer> answer) {
  if (!answer.ok()) return answer.status();
  if (auto* value = std::get_if<T>(&*answer)) return std::move(*value);
  return Reject(Reason::kInternal, "the sequencer answered another question");
}

using Base = v1::RegistryService::WithRawCallbackMethod_Register<
    v1::RegistryService::WithRawCallbackMethod_Deregister<
        v1::RegistryService::WithRawCallbackMethod_Heartbeat<v1::RegistryService::Service>>>;

class RegistryServiceImpl final : public Base {
 public:
  explicit RegistryServiceImpl(RegistryServiceDeps deps) : deps_(std::move(deps)) {}

  grpc::ServerUnaryReactor* Register(CallbackServerContext* context, const ByteBuffer* request,
                                     ByteBuffer* response) override {
    return deps_.guard.ServeAsync(
        context, Rule("Register"), [&](const Caller& caller, Completion done) {
          auto envelope = EnvelopeIn(*request);
          if (!envelope.ok()) return done(envelope.status());
          const Submitter submitter = SubmitterOf(caller);
          deps_.intake.Submit(
              {*std::move(envelope), envelope::EventType::kNodeIntrospection, submitter},
              [this, submitter, response,
               done = std::move(done)](absl::StatusOr<Answer> answer) mutable {
                done.Respond([&] { return Fill(std::move(answer), submitter, response); });
              });
        });
  }

  grpc::ServerUnaryReactor* Deregister(CallbackServerContext* context, const ByteBuffer* request,
                                       ByteBuffer* response) override {
    return deps_.guard.ServeAsync(
        context, Rule("Deregister"), [&](const Caller& caller, Completion done) {
          CommandCompletion answered =
              [response, done = std::move(done)](absl::StatusOr<Answer> answer) mutable {
                done.Respond([&] { return FillRemoved(std::move(answer), response); });
              };
          const auto bytes = BytesOf(*request);
          if (!bytes.ok()) return std::move(answered)(bytes.status());
          auto word = DecodeDeregisterRequest(*bytes);
          if (!word.ok()) return std::move(answered)(word.status());
          if (auto* envelope = std::get_if<std::string>(&*word)) {
            return deps_.intake.Submit(
                {std::move(*envelope), envelope::EventType::kNodeTombstone, SubmitterOf(caller)},
                std::move(answered));
          }
          RemoveByAdmin(caller, std::get<AdminRemoval>(*std::move(word)), std::move(answered));
        });
  }

  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* Heartbeat(
      CallbackServerContext* context) override {
    auto call = deps_.guard.Enter(*context, Rule("Heartbeat"));
    if (!call.ok()) return rpc::RefuseBidi(rpc::ToGrpc(rpc::OnWire(call.status())));
    const Caller caller = call->caller();
    auto* reactor = new HeartbeatReactor(context, deps_.clock, deps_.guard.Closer(*std::move(call)),
                                         caller, deps_.streams, deps_.beats);
    reactor->Begin();
    return reactor;
  }

  grpc::Status GetNode(grpc::ServerContext* context, const v1::GetNodeRequest* request,
                       v1::GetNodeResponse* response) override {
    return deps_.guard.Serve(context, Rule("GetNode"), [&](const Caller& caller) -> absl::Status {
      OMNI_ASSIGN_OR_RETURN(const auto ns,
                            rpc::AccessibleNamespace(caller, request->namespace_(), Access::kRead));
      OMNI_ASSIGN_OR_RETURN(const auto id, NodeId::Parse(request->node_id()));
      OMNI_ASSIGN_OR_RETURN(const NodeAt found, deps_.table.FindNode({ns, id}));
      *response->mutable_node() = Encode(
          *found.node, request->with_evidence() ? NodeDetail::kWithEvidence : NodeDetail::kPlain);
      if (caller.id().ToString() == found.node->signer.spiffe_id) {
        response->mutable_node()->set_last_sequence(found.node->last_message.sequence);
      }
      *response->mutable_position() = envelope::Encode(found.position);
      return absl::OkStatus();
    });
  }

  grpc::Status ListNodes(grpc::ServerContext* context, const v1::ListNodesRequest* request,
                         v1::ListNodesResponse* response) override {
    return deps_.guard.Serve(context, Rule("ListNodes"), [&](const Caller& caller) {
      return ListNodes(caller, *request, response);
    });
  }

  grpc::Status ListTombstones(grpc::ServerContext* context,
                              const v1::ListTombstonesRequest* request,
                              v1::ListTombstonesResponse* response) override {
    return deps_.guard.Serve(context, Rule("ListTombstones"), [&](const Caller& caller) {
      return ListTombstones(caller, *request, response);
    });
  }

 private:
  static absl::StatusOr<std::string> EnvelopeIn(const ByteBuffer& request) {
    OMNI_ASSIGN_OR_RETURN(const std::string bytes, BytesOf(request));
    return DecodeRegisterRequest(bytes);
  }

  absl::Status Fill(absl::StatusOr<Answer> answer, const Submitter& submitter,
                    ByteBuffer* response) const {
    OMNI_ASSIGN_OR_RETURN(const Registered registered, AnswerAs<Registered>(std::move(answer)));
    v1::RegisterResponse message;
    *message.mutable_position() = envelope::Encode(registered.position);
    v1::Lease* lease = message.mutable_lease();
    lease->set_handle(registered.lease.value());
    *lease->mutable_ttl() = envelope::Encode(registered.ttl);
    *lease->mutable_renew_every() = envelope::Encode(registered.ttl / 2);
    if (MayHoldLease(submitter, registered.subject)) {
      lease->set_key(LeaseKey(deps_.shard_secret, registered.node, registered.position.incarnation,
                              registered.lease));
    }
    message.set_decision(registered.decision);
    *response = rpc::SerializeMessage(message);
    return absl::OkStatus();
  }

  static absl::Status FillRemoved(absl::StatusOr<Answer> answer, ByteBuffer* response) {
    OMNI_ASSIGN_OR_RETURN(const Removed removed, AnswerAs<Removed>(std::move(answer)));
    v1::DeregisterResponse message;
    *message.mutable_tombstone() = Encode(removed.tombstone);
    *response = rpc::SerializeMessage(message);
    return absl::OkStatus();
  }

  void RemoveByAdmin(const Caller& caller, AdminRemoval removal, CommandCompletion done) const {
    const auto kind = caller.principal().kind();
    if (kind != identity::Principal::Kind::kAdmin &&
        kind != identity::Principal::Kind::kNamespaceAdmin) {
      return std::move(done)(
          Reject(Reason::kRoleRequired, "only administrators remove nodes of others"));
    }
    if (absl::Status may = rpc::CheckNamespace(caller, removal.node.ns, Access::kWrite);
        !may.ok()) {
      return std::move(done)(std::move(may));
    }
    std::optional<AdminRequest> retry;
    if (!removal.request_id.empty()) {
      retry = AdminRequest{caller.id().ToString(), removal.request_id,
                           crypto::Sha256(removal.node.ns.value() + "\n" + removal.node.id.value() +
                                          "\n" + removal.reason_text)};
    }
    deps_.intake.Submit(RemoveCommand{.node = std::move(removal.node),
                                      .reason = directory::RemovalReason::kManualDeregistration,
                                      .reason_text = std::move(removal.reason_text),
                                      .actor = caller.id().ToString(),
                                      .decision = {},
                                      .only_lease = std::nullopt,
                                      .request = std::move(retry)},
                        Urgency::kControl, std::move(done));
  }

  absl::Status ListNodes(const Caller& caller, const v1::ListNodesRequest& request,
                         v1::ListNodesResponse* response) const {
    OMNI_ASSIGN_OR_RETURN(const auto ns,
                          rpc::AccessibleNamespace(caller, request.namespace_(), Access::kRead));
    if (request.node_types_size() > 16) {
      return Reject(Reason::kArgumentInvalid, "node_types: at most 16");
    }
    const std::set<std::string> types(request.node_types().begin(), request.node_types().end());
    PageTokens::Scope scope{caller.id().ToString(), "ListNodes", ns.value()};
    for (const std::string& type : types) scope.request += "\n" + type;
    OMNI_ASSIGN_OR_RETURN(const std::string after, deps_.pages.Open(scope, request.page_token()));
    OMNI_ASSIGN_OR_RETURN(const NamespaceSnapshot snapshot, deps_.table.TakeSnapshot(ns));
    const std::size_t size = PageSize(request.page_size());
    const auto nodes = snapshot.nodes.After(after, size + 1, [&](const Node& node) {
      return types.empty() || types.contains(node.view->node_type().value());
    });
    for (std::size_t i = 0; i < nodes.size() && i < size; ++i) {
      *response->add_nodes() = Encode(*nodes[i], NodeDetail::kPlain);
    }
    if (nodes.size() > size) {
      response->set_next_page_token(
          deps_.pages.Seal(scope, nodes[size - 1]->view->node_id().value()));
    }
    *response->mutable_position() = envelope::Encode(snapshot.position);
    return absl::OkStatus();
  }

  absl::Status ListTombstones(const Caller& caller, const v1::ListTombstonesRequest& request,
                              v1::ListTombstonesResponse* response) const {
    OMNI_ASSIGN_OR_RETURN(const auto ns,
                          rpc::AccessibleNamespace(caller, request.namespace_(), Access::kRead));
    std::optional<NodeId> node;
    if (!request.node_id().empty()) {
      OMNI_ASSIGN_OR_RETURN(node, NodeId::Parse(request.node_id()));
    }
    const PageTokens::Scope scope{caller.id().ToString(), "ListTombstones",
                                  ns.value() + "\n" + request.node_id()};
    OMNI_ASSIGN_OR_RETURN(const std::string cursor, deps_.pages.Open(scope, request.page_token()));
    std::optional<TombstoneCursor> before;
    if (!cursor.empty()) {
      // Sealed by us: "<position> <node id>".
      const auto space = cursor.find(' ');
      OMNI_ASSIGN_OR_RETURN(const auto position,
                            directory::Position::Parse(cursor.substr(0, space)));
      OMNI_ASSIGN_OR_RETURN(NodeId last, NodeId::Parse(cursor.substr(space + 1)));
      before = TombstoneCursor{position, std::move(last)};
    }
    const std::size_t size = PageSize(request.page_size());
    OMNI_ASSIGN_OR_RETURN(const auto departed,
                          deps_.table.ListTombstones(ns, node, before, size + 1));
    for (std::size_t i = 0; i < departed.size() && i < size; ++i) {
      *response->add_tombstones() = Encode(departed[i]->tombstone);
    }
    if (departed.size() > size) {
      const directory::Tombstone& last = departed[size - 1]->tombstone;
      response->set_next_page_token(
          deps_.pages.Seal(scope, last.removed_at.ToString() + " " + last.node.id.value()));
    }
    return absl::OkStatus();
  }

  const RegistryServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRegistryService(RegistryServiceDeps deps) {
  return std::make_unique<RegistryServiceImpl>(std::move(deps));
}

}  // namespace omninode::registry
