#include "common/node/registry_client.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/type_codec.h"
#include "common/node/node_view_codec.h"
#include "common/node/registry_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "omninode/registry/v1/namespace_service.grpc.pb.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kPageSize = 1000;

// The time for one method, over all its calls and pages.
class Budget final {
 public:
  enum class Shares {
    kEqual,   // an instance that hangs leaves time for the others
    kGreedy,  // the call takes long by its nature
  };
  explicit Budget(absl::Duration timeout, Shares shares = Shares::kEqual)
      : end_(Clock::now() + absl::ToChronoNanoseconds(timeout)), shares_(shares) {}

  // For a call, when so many instances can still be asked.
  std::chrono::microseconds ShareOf(std::size_t instances) const {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(end_ - Clock::now());
    return shares_ == Shares::kGreedy ? left : left / static_cast<std::int64_t>(instances);
  }

 private:
  Clock::time_point end_;
  Shares shares_;
};

template <typename Message>
auto DecodeAll(const google::protobuf::RepeatedPtrField<Message>& messages, std::string_view path,
               std::size_t max, std::size_t have)
    -> absl::StatusOr<std::vector<std::decay_t<decltype(*Decode(messages[0]))>>> {
  if (have + static_cast<std::size_t>(messages.size()) > max) {
    return Error(absl::StatusCode::kResourceExhausted, "the list has more than {} items", max);
  }
  std::vector<std::decay_t<decltype(*Decode(messages[0]))>> out;
  out.reserve(static_cast<std::size_t>(messages.size()));
  for (int i = 0; i < messages.size(); ++i) {
    auto item = Decode(messages[i]);
    if (!item.ok()) return AtField(item.status(), fmt::format("{}[{}]", path, i));
    out.push_back(*std::move(item));
  }
  return out;
}

template <typename T>
void Append(std::vector<T>&& from, std::vector<T>* to) {
  to->insert(to->end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// A serialized message in its parsed form; `body` and certificates are bytes, so what was signed
// stays what it was.
absl::Status ParseEnvelope(std::string_view bytes, envelope::v1::SignedEnvelope* message) {
  if (bytes.size() <= envelope::kMaxEnvelopeBytes &&
      message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  return Reject(Reason::kMsgMalformed, "not a SignedEnvelope of at most {} bytes",
                envelope::kMaxEnvelopeBytes);
}

}  // namespace

// Makes calls that can be cancelled, on whichever instance answers.
class RegistryClient::Caller final {
 public:
  explicit Caller(std::shared_ptr<RegistryChannels> channels) : channels_(std::move(channels)) {}

  template <typename Service, typename Request, typename Response>
  absl::Status Call(grpc::Status (Service::StubInterface::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                    const Request& request, Response* response, const Budget& budget) {
    absl::Status status;
    for (std::size_t left = channels_->size(); left > 0; --left) {
      const auto pick = channels_->Current();
      const auto stub = Service::NewStub(pick.channel);
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + budget.ShareOf(left));
      OMNI_RETURN_IF_ERROR(Enter(&context));
      status = rpc::FromGrpc((stub.get()->*method)(&context, request, response));
      if (Leave(&context)) return absl::CancelledError("the call was cancelled here");
      if (!RegistryChannels::IsInstanceFault(status)) return status;
      channels_->Failed(pick.index);
    }
    return status;
  }

  void CancelCalls(bool close) {
    MutexLock lock(mutex_);
    closed_ |= close;
    for (grpc::ClientContext* context : calls_) context->TryCancel();
    cancelled_.insert(calls_.begin(), calls_.end());
  }

 private:
  absl::Status Enter(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    if (closed_) return absl::CancelledError("the client is closed");
    calls_.insert(context);
    return absl::OkStatus();
  }
  // Whether it was cancelled.
  bool Leave(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    calls_.erase(context);
    return cancelled_.erase(context) != 0;
  }

  const std::shared_ptr<RegistryChannels> channels_;
  Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> calls_ ABSL_GUARDED_BY(mutex_);
  std::set<grpc::ClientContext*> cancelled_ ABSL_GUARDED_BY(mutex_);  // part of calls_
};

RegistryClient::RegistryClient(std::shared_ptr<RegistryChannels> channels, std::size_t max_items)
    : caller_(std::make_unique<Caller>(std::move(channels))), max_items_(max_items) {}
RegistryClient::~RegistryClient() = default;

void RegistryClient::CancelCalls() { caller_->CancelCalls(/*close=*/false); }
void RegistryClient::Close() { caller_->CancelCalls(/*close=*/true); }

absl::StatusOr<RegisterAnswer> RegistryClient::Register(std::string_view envelope,
                                                        absl::Duration timeout) {
  v1::RegisterRequest request;
  v1::RegisterResponse response;
  OMNI_RETURN_IF_ERROR(ParseEnvelope(envelope, request.mutable_envelope()));
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
      &v1::RegistryService::StubInterface::Register, request, &response, Budget(timeout)));
  auto answer = Decode(response);
  crypto::Wipe(*response.mutable_lease()->mutable_key());
  return answer;
}

absl::StatusOr<directory::Tombstone> RegistryClient::Deregister(std::string_view envelope,
                                                                absl::Duration timeout) {
  v1::DeregisterRequest request;
  v1::DeregisterResponse response;
  OMNI_RETURN_IF_ERROR(ParseEnvelope(envelope, request.mutable_envelope()));
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
      &v1::RegistryService::StubInterface::Deregister, request, &response, Budget(timeout)));
  return Decode(response.tombstone());
}

absl::StatusOr<directory::Tombstone> RegistryClient::Remove(const directory::NodeRef& node,
                                                            std::string_view reason_text,
                                                            std::string_view request_id,
                                                            absl::Duration timeout) {
  v1::DeregisterRequest request;
  v1::AdminRemoval* removal = request.mutable_admin();
  removal->set_namespace_(node.ns.value());
  removal->set_node_id(node.id.value());
  removal->set_reason_text(std::string(reason_text));
  removal->set_request_id(std::string(request_id));
  v1::DeregisterResponse response;
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
      &v1::RegistryService::StubInterface::Deregister, request, &response, Budget(timeout)));
  return Decode(response.tombstone());
}

absl::StatusOr<NodeRecord> RegistryClient::GetNode(const directory::NodeRef& node,
                                                   bool with_evidence, absl::Duration timeout) {
  v1::GetNodeRequest request;
  request.set_namespace_(node.ns.value());
  request.set_node_id(node.id.value());
  request.set_with_evidence(with_evidence);
  v1::GetNodeResponse response;
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
      &v1::RegistryService::StubInterface::GetNode, request, &response, Budget(timeout)));
  return Decode(response.node());
}

absl::StatusOr<NodeList> RegistryClient::ListNodes(const NamespaceName& ns,
                                                   const std::vector<NodeType>& types,
                                                   absl::Duration timeout) {
  const Budget budget(timeout);
  v1::ListNodesRequest request;
  request.set_namespace_(ns.value());
  for (const NodeType& type : types) request.add_node_types(type.value());
  request.set_page_size(kPageSize);
  NodeList list;
  do {
    v1::ListNodesResponse response;
    OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
        &v1::RegistryService::StubInterface::ListNodes, request, &response, budget));
    OMNI_ASSIGN_OR_RETURN(auto page,
                          DecodeAll(response.nodes(), "nodes", max_items_, list.nodes.size()));
    Append(std::move(page), &list.nodes);
    list.position = envelope::Decode(response.position());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return list;
}

absl::StatusOr<std::vector<directory::Tombstone>> RegistryClient::ListTombstones(
    const NamespaceName& ns, const std::optional<NodeId>& node, std::size_t limit,
    absl::Duration timeout) {
  const Budget budget(timeout);
  v1::ListTombstonesRequest request;
  request.set_namespace_(ns.value());
  if (node.has_value()) request.set_node_id(node->value());
  std::vector<directory::Tombstone> list;
  do {
    request.set_page_size(
        static_cast<std::uint32_t>(std::min<std::size_t>(limit - list.size(), kPageSize)));
    if (request.page_size() == 0) break;
    v1::ListTombstonesResponse response;
    OMNI_RETURN_IF_ERROR(caller_->Call<v1::RegistryService>(
        &v1::RegistryService::StubInterface::ListTombstones, request, &response, budget));
    OMNI_ASSIGN_OR_RETURN(auto page,
                          DecodeAll(response.tombstones(), "tombstones", max_items_, list.size()));
    Append(std::move(page), &list);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return list;
}

absl::StatusOr<TopologySnapshot> RegistryClient::GetTopology(const NamespaceName& ns,
                                                             absl::Duration timeout) {
  const Budget budget(timeout);
  v1::GetTopologyRequest request;
  request.set_namespace_(ns.value());
  request.set_page_size(kPageSize);
  TopologySnapshot snapshot;
  for (int tries = 1;;) {
    v1::GetTopologyResponse response;
    const absl::Status status = caller_->Call<v1::TopologyService>(
        &v1::TopologyService::StubInterface::GetTopology, request, &response, budget);
    if (ReasonOf(status) == Reason::kRevisionCompacted && tries++ < kMaxSnapshotTries) {
      request.clear_page_token();
      snapshot.nodes.clear();
      continue;
    }
    OMNI_RETURN_IF_ERROR(status);
    OMNI_ASSIGN_OR_RETURN(auto page,
                          DecodeAll(response.nodes(), "nodes", max_items_, snapshot.nodes.size()));
    Append(std::move(page), &snapshot.nodes);
    request.set_page_token(response.next_page_token());
    if (!request.page_token().empty()) continue;
    snapshot.position = envelope::Decode(response.position());
    OMNI_ASSIGN_OR_RETURN(snapshot.hash, directory::SetHash::FromBytes(response.hash()));
    return snapshot;
  }
}

absl::StatusOr<directory::Position> RegistryClient::WaitForVersion(
    const NamespaceName& ns, const directory::Position& position, absl::Duration timeout) {
  v1::WaitForVersionRequest request;
  request.set_namespace_(ns.value());
  *request.mutable_position() = envelope::Encode(position);
  *request.mutable_timeout() = envelope::Encode(std::min(timeout, absl::Seconds(60)));
  v1::WaitForVersionResponse response;
  // The instance says DEADLINE at the end of `timeout`; its answer needs a moment to get here.
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::TopologyService>(
      &v1::TopologyService::StubInterface::WaitForVersion, request, &response,
      Budget(timeout + absl::Seconds(2), Budget::Shares::kGreedy)));
  return envelope::Decode(response.position());
}

absl::StatusOr<NamespaceRecord> RegistryClient::CreateNamespace(const NamespaceName& ns,
                                                                const NamespaceRules& rules,
                                                                std::string_view request_id,
                                                                absl::Duration timeout) {
  v1::CreateNamespaceRequest request;
  request.set_namespace_(ns.value());
  *request.mutable_limits() = Encode(rules);
  request.set_request_id(std::string(request_id));
  v1::CreateNamespaceResponse response;
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::NamespaceService>(
      &v1::NamespaceService::StubInterface::CreateNamespace, request, &response, Budget(timeout)));
  return Decode(response.namespace_());
}

absl::StatusOr<NamespaceRecord> RegistryClient::GetNamespace(const NamespaceName& ns,
                                                             absl::Duration timeout) {
  v1::GetNamespaceRequest request;
  request.set_namespace_(ns.value());
  v1::GetNamespaceResponse response;
  OMNI_RETURN_IF_ERROR(caller_->Call<v1::NamespaceService>(
      &v1::NamespaceService::StubInterface::GetNamespace, request, &response, Budget(timeout)));
  return Decode(response.namespace_());
}

absl::StatusOr<std::vector<NamespaceRecord>> RegistryClient::ListNamespaces(
    absl::Duration timeout) {
  const Budget budget(timeout);
  v1::ListNamespacesRequest request;
  request.set_page_size(kPageSize);
  std::vector<NamespaceRecord> list;
  do {
    v1::ListNamespacesResponse response;
    OMNI_RETURN_IF_ERROR(caller_->Call<v1::NamespaceService>(
        &v1::NamespaceService::StubInterface::ListNamespaces, request, &response, budget));
    OMNI_ASSIGN_OR_RETURN(auto page,
                          DecodeAll(response.namespaces(), "namespaces", max_items_, list.size()));
    Append(std::move(page), &list);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return list;
}

}  // namespace omninode::node
