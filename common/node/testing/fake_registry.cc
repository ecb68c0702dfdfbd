#include "common/node/testing/fake_registry.h"

#include <set>
#include <utility>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/concurrency/wait_until.h"
#include "common/directory/canonical.h"
#include "common/envelope/beat_mac.h"
#include "common/envelope/node_fields_codec.h"
#include "common/envelope/open.h"
#include "common/envelope/payload.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/topology_codec.h"
#include "common/envelope/type_codec.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/transport/server_credentials.h"
#include "omninode/registry/v1/namespace_service.grpc.pb.h"
#include "omninode/registry/v1/registry_service.grpc.pb.h"
#include "omninode/registry/v1/topology_service.grpc.pb.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;
using envelope::Strictness;

std::string PeerPem(const grpc::ServerContext& context) {
  const auto values = context.auth_context()->FindPropertyValues("x509_pem_cert");
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

v1::Node EncodeNode(const NodeRecord& record, bool with_evidence) {
  v1::Node message;
  message.set_namespace_(record.view->ns().value());
  envelope::EncodeNodeFields(record.view->introspection, &message);
  message.set_node_version(record.view->version);
  *message.mutable_registered_at() = envelope::Encode(record.view->registered_at);
  message.set_actor(record.view->actor);
  message.set_decision(record.view->decision);
  *message.mutable_ttl() = envelope::Encode(record.view->lease_ttl);
  if (with_evidence && record.evidence.has_value()) {
    *message.mutable_evidence() = envelope::Encode(*record.evidence);
  }
  return message;
}

struct EventEncoder {
  v1::WatchTopologyResponse& out;
  void operator()(const WatchStarted& e) const {
    out.mutable_started()->set_watch_id(e.watch_id);
    *out.mutable_started()->mutable_position() = envelope::Encode(e.position);
  }
  void operator()(const SnapshotChunk& e) const {
    out.mutable_snapshot_chunk();
    for (const NodeRecord& node : e.nodes) {
      *out.mutable_snapshot_chunk()->add_nodes() = EncodeNode(node, true);
    }
  }
  void operator()(const SnapshotEnd& e) const {
    *out.mutable_snapshot_end()->mutable_position() = envelope::Encode(e.position);
    if (e.hash.has_value()) out.mutable_snapshot_end()->set_hash(e.hash->ToBytes());
  }
  void operator()(const TopologyStep& e) const {
    std::size_t next = 0;
    std::map<NodeId, envelope::RawEnvelope> by_id;
    for (const auto& change : e.diff.changes) {
      if (next < e.evidence.size() && e.evidence[next].has_value()) {
        by_id.emplace(change.node_id, *e.evidence[next]);
      }
      ++next;
    }
    *out.mutable_diff() = envelope::Encode(
        e.diff, {.source_node = e.source_node, .node_count = e.node_count},
        [&](const directory::TopologyChange& change) -> std::optional<envelope::RawEnvelope> {
          const auto found = by_id.find(change.node_id);
          if (found == by_id.end()) return std::nullopt;
          return found->second;
        });
  }
  void operator()(const Bookmark& e) const {
    *out.mutable_bookmark()->mutable_position() = envelope::Encode(e.position);
    if (e.hash.has_value()) out.mutable_bookmark()->set_hash(e.hash->ToBytes());
    *out.mutable_bookmark()->mutable_age() = envelope::Encode(e.age);
  }
  void operator()(const Resync& e) const {
    out.mutable_resync()->set_reason(static_cast<v1::ResyncReason>(e.reason));
    *out.mutable_resync()->mutable_position() = envelope::Encode(e.position);
  }
  void operator()(const Draining&) const { out.mutable_draining(); }
};

}  // namespace

class FakeRegistry::Services final : public v1::RegistryService::Service,
                                     public v1::TopologyService::Service,
                                     public v1::NamespaceService::Service {
 public:
  Services(const identity::TestAuthority& authority, const identity::TrustSource& trust,
           std::string_view instance)
      : svids_(std::make_shared<const identity::X509Svid>(
            authority.Issue(fmt::format("/service/registry/{}", instance)))) {
    rpc::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.credentials =
        rpc::MakeServerCredentials(rpc::ClientCertificate::kRequired, svids_, trust, logger_);
    options.services = {static_cast<v1::RegistryService::Service*>(this),
                        static_cast<v1::TopologyService::Service*>(this),
                        static_cast<v1::NamespaceService::Service*>(this)};
    auto started = rpc::Server::Start(std::move(options));
    OMNI_CHECK(started.ok());
    server_ = *std::move(started);
  }

  const std::string& address() const { return server_->address(); }
  void Stop() { server_->Shutdown(absl::ZeroDuration()); }

  grpc::Status Register(grpc::ServerContext*, const v1::RegisterRequest* request,
                        v1::RegisterResponse* response) override {
    return rpc::ToGrpc(Take(request->envelope(),
                            [&](const envelope::Body& body, const envelope::RawEnvelope& raw) {
                              return Admit(body, raw, response);
                            }));
  }

  grpc::Status Deregister(grpc::ServerContext*, const v1::DeregisterRequest* request,
                          v1::DeregisterResponse* response) override {
    if (request->has_admin()) {
      v1::Tombstone* tombstone = response->mutable_tombstone();
      tombstone->set_namespace_(request->admin().namespace_());
      tombstone->set_node_id(request->admin().node_id());
      tombstone->set_node_type("worker");
      tombstone->set_reason(type::v1::REMOVAL_REASON_MANUAL_DEREGISTRATION);
      tombstone->set_reason_text(request->admin().reason_text());
      tombstone->set_decision(request->admin().request_id());
      return grpc::Status::OK;
    }
    return rpc::ToGrpc(
        Take(request->envelope(), [&](const envelope::Body& body, const envelope::RawEnvelope&) {
          return Remove(body, response->mutable_tombstone());
        }));
  }

  grpc::Status Heartbeat(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<v1::HeartbeatResponse, v1::HeartbeatRequest>* stream) override {
    {
      MutexLock lock(mutex_);
      seen_.heartbeat_streams.push_back(PeerPem(*context));
    }
    v1::HeartbeatRequest request;
    while (stream->Read(&request)) {
      v1::HeartbeatResponse response;
      for (const auto& beat : request.batch().beats()) {
        v1::BeatResult* result = response.add_results();
        result->set_lease_handle(beat.lease_handle());
        result->set_outcome(static_cast<v1::BeatOutcome>(Answer(request.batch(), beat)));
      }
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }

  grpc::Status GetNode(grpc::ServerContext*, const v1::GetNodeRequest* request,
                       v1::GetNodeResponse* response) override {
    MutexLock lock(mutex_);
    const auto found = seen_.nodes.find(request->node_id());
    if (found == seen_.nodes.end()) {
      return rpc::ToGrpc(Reject(Reason::kNodeUnknown, "no node '{}'", request->node_id()));
    }
    *response->mutable_node() = EncodeNode(found->second, request->with_evidence());
    return grpc::Status::OK;
  }

  grpc::Status ListNodes(grpc::ServerContext*, const v1::ListNodesRequest* request,
                         v1::ListNodesResponse* response) override {
    *response->mutable_position() = envelope::Encode(directory::Position{1, seen().version});
    return rpc::ToGrpc(Page(request->page_token(), response, [&](const NodeRecord& node) {
      *response->add_nodes() = EncodeNode(node, false);
    }));
  }

  grpc::Status GetTopology(grpc::ServerContext*, const v1::GetTopologyRequest* request,
                           v1::GetTopologyResponse* response) override {
    directory::SetHash hash;
    const Seen now = seen();
    for (const auto& [id, node] : now.nodes) hash.Add(directory::CanonicalDigest(*node.view));
    response->set_hash(hash.ToBytes());
    *response->mutable_position() = envelope::Encode(directory::Position{1, now.version});
    return rpc::ToGrpc(Page(request->page_token(), response, [&](const NodeRecord& node) {
      *response->add_nodes() = EncodeNode(node, false);
    }));
  }

  grpc::Status ListTombstones(grpc::ServerContext*, const v1::ListTombstonesRequest* request,
                              v1::ListTombstonesResponse* response) override {
    const Seen now = seen();
    const std::size_t first = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    const std::size_t end =
        std::min({now.tombstones.size(), first + request->page_size(), first + hooks().page_size});
    for (std::size_t i = first; i < end; ++i) {
      v1::Tombstone* tombstone = response->add_tombstones();
      tombstone->set_namespace_("tenant-a");
      tombstone->set_node_id(fmt::format("gone-{}", i));
      tombstone->set_node_type("worker");
      tombstone->set_reason(type::v1::REMOVAL_REASON_GRACEFUL_SHUTDOWN);
    }
    if (end < now.tombstones.size()) response->set_next_page_token(std::to_string(end));
    return grpc::Status::OK;
  }

  grpc::Status WaitForVersion(grpc::ServerContext*, const v1::WaitForVersionRequest* request,
                              v1::WaitForVersionResponse* response) override {
    const directory::Position position{1, seen().version};
    if (envelope::Decode(request->position()) > position) {
      return rpc::ToGrpc(Reject(Reason::kDeadline, "still at {}", position.ToString()));
    }
    *response->mutable_position() = envelope::Encode(position);
    return grpc::Status::OK;
  }

  grpc::Status CreateNamespace(grpc::ServerContext*, const v1::CreateNamespaceRequest* request,
                               v1::CreateNamespaceResponse* response) override {
    v1::Namespace made;
    made.set_namespace_(request->namespace_());
    *made.mutable_limits() = request->limits();
    made.mutable_position()->set_incarnation(1);
    MutexLock lock(mutex_);
    namespaces_[request->namespace_()] = made;
    *response->mutable_namespace_() = made;
    return grpc::Status::OK;
  }

  grpc::Status GetNamespace(grpc::ServerContext*, const v1::GetNamespaceRequest* request,
                            v1::GetNamespaceResponse* response) override {
    MutexLock lock(mutex_);
    const auto found = namespaces_.find(request->namespace_());
    if (found == namespaces_.end()) {
      return rpc::ToGrpc(Reject(Reason::kNamespaceUnknown, "no such namespace"));
    }
    *response->mutable_namespace_() = found->second;
    return grpc::Status::OK;
  }

  grpc::Status ListNamespaces(grpc::ServerContext*, const v1::ListNamespacesRequest* request,
                              v1::ListNamespacesResponse* response) override {
    MutexLock lock(mutex_);
    auto it = namespaces_.upper_bound(request->page_token());
    if (it == namespaces_.end()) return grpc::Status::OK;
    *response->add_namespaces() = it->second;
    if (std::next(it) != namespaces_.end()) response->set_next_page_token(it->first);
    return grpc::Status::OK;
  }

  grpc::Status WatchTopology(grpc::ServerContext* context, const v1::WatchTopologyRequest* request,
                             grpc::ServerWriter<v1::WatchTopologyResponse>* writer) override;

  Seen seen() const {
    MutexLock lock(mutex_);
    return seen_;
  }
  Hooks hooks() const {
    MutexLock lock(mutex_);
    return hooks_;
  }
  void Set(const std::function<void(Hooks&)>& change) {
    MutexLock lock(mutex_);
    change(hooks_);
  }
  void DropLeases() {
    MutexLock lock(mutex_);
    leases_.clear();
  }
  bool Await(const std::function<bool(const Seen&)>& enough) const {
    MutexLock lock(mutex_);
    const bool good = WaitUntil(changed_, mutex_, kLong, [&] { return enough(seen_); });
    EXPECT_TRUE(good) << seen_.registrations.size() << " registrations, " << seen_.tombstones.size()
                      << " tombstones, " << seen_.beats.size() << " beats, " << seen_.watches.size()
                      << " watches";
    return good;
  }
  void AwaitEndOf(grpc::ServerContext* context) {
    MutexLock lock(mutex_);
    // The synchronous API has no notice of the end.
    while (!context->IsCancelled()) changed_.WaitFor(mutex_, absl::Milliseconds(10));
  }

 private:
  struct Last {
    std::uint64_t sequence = 0;
    crypto::Sha256Digest digest{};
    std::uint64_t handle = 0;
  };

  template <typename Act>
  absl::Status Take(const envelope::v1::SignedEnvelope& message, const Act& act) {
    OMNI_ASSIGN_OR_RETURN(const envelope::RawEnvelope raw, envelope::Decode(message));
    OMNI_ASSIGN_OR_RETURN(const auto leaf,
                          crypto::Certificate::FromDer(raw.certificates_der.at(0)));
    OMNI_ASSIGN_OR_RETURN(const envelope::Body body,
                          envelope::VerifyAndDecode(raw, leaf, Strictness::kRefuseUnknown));
    const Hooks hooks = this->hooks();
    {
      MutexLock lock(mutex_);
      const bool enters = body.type == envelope::EventType::kNodeIntrospection;
      (enters ? seen_.registrations : seen_.tombstones).push_back(body);
      changed_.NotifyAll();
    }
    OMNI_RETURN_IF_ERROR(hooks.before(body));
    {
      MutexLock lock(mutex_);
      OMNI_RETURN_IF_ERROR(act(body, raw));
      changed_.NotifyAll();
    }
    return hooks.after(body);
  }

  // The sequence rule; true for a repetition.
  absl::StatusOr<bool> Judge(const std::string& id, const envelope::Body& body) {
    Last& last = last_[id];
    const auto digest = envelope::ContentDigest(body);
    if (body.sequence < last.sequence) {
      return WithMetadata(Reject(Reason::kStaleSequence, "stale"), "last_sequence",
                          std::to_string(last.sequence));
    }
    if (body.sequence == last.sequence) {
      if (digest != last.digest) return Reject(Reason::kIdempotencyKeyReused, "reused");
      return true;
    }
    last.sequence = body.sequence;
    last.digest = digest;
    return false;
  }

  absl::Status Admit(const envelope::Body& body, const envelope::RawEnvelope& raw,
                     v1::RegisterResponse* response) {
    OMNI_ASSIGN_OR_RETURN(const auto content,
                          envelope::DecodeIntrospection(body.payload, Strictness::kRefuseUnknown));
    const std::string id = content.node_id().value();
    OMNI_ASSIGN_OR_RETURN(const bool repeated, Judge(id, body));
    if (!repeated) {
      ++seen_.version;
      seen_.nodes.insert_or_assign(
          id, NodeRecord{.view = std::make_shared<const directory::NodeView>(
                             directory::NodeView{.introspection = content,
                                                 .version = seen_.version,
                                                 .registered_at = body.signed_at,
                                                 .actor = raw.spiffe_id,
                                                 .decision = "d-1",
                                                 .lease_ttl = hooks_.ttl}),
                         .last_sequence = body.sequence,
                         .evidence = raw});
      last_[id].handle = seen_.version;
      leases_.insert(seen_.version);
    }
    *response->mutable_position() = envelope::Encode(directory::Position{1, seen_.version});
    response->mutable_lease()->set_handle(last_[id].handle);
    *response->mutable_lease()->mutable_ttl() = envelope::Encode(hooks_.ttl);
    *response->mutable_lease()->mutable_renew_every() = envelope::Encode(hooks_.renew_every);
    response->mutable_lease()->set_key(std::string(kFakeLeaseKey));
    response->set_decision("d-1");
    return absl::OkStatus();
  }

  absl::Status Remove(const envelope::Body& body, v1::Tombstone* tombstone) {
    OMNI_ASSIGN_OR_RETURN(const auto goodbye,
                          envelope::DecodeTombstone(body.payload, Strictness::kRefuseUnknown));
    const std::string id = goodbye.node_id.value();
    if (last_[id].handle == 0) return Reject(Reason::kNodeUnknown, "no node '{}'", id);
    OMNI_RETURN_IF_ERROR(Judge(id, body).status());
    seen_.nodes.erase(id);
    tombstone->set_namespace_(goodbye.ns.value());
    tombstone->set_node_id(id);
    tombstone->set_node_type(goodbye.node_type.value());
    tombstone->set_reason(type::v1::REMOVAL_REASON_GRACEFUL_SHUTDOWN);
    tombstone->set_reason_text(goodbye.reason_text);
    return absl::OkStatus();
  }

  BeatOutcome Answer(const envelope::v1::HeartbeatBatch& batch, const envelope::v1::Beat& beat) {
    const LeaseBeat value{beat.lease_handle(), beat.sequence(),
                          envelope::Decode(beat.health()).value()};
    const auto ns = NamespaceName::Parse(batch.namespace_()).value();
    const auto network = NetworkId::Parse("demo").value();
    if (!envelope::VerifyBeatMac(kFakeLeaseKey,
                                 {network, ns, value.lease_handle, value.sequence, value.health},
                                 beat.mac())) {
      return BeatOutcome::kMacInvalid;
    }
    {
      MutexLock lock(mutex_);
      seen_.beats.push_back(value);
      changed_.NotifyAll();
      if (!leases_.contains(value.lease_handle)) return BeatOutcome::kReregister;
    }
    return hooks().on_beat(value);
  }

  template <typename Response, typename Add>
  absl::Status Page(const std::string& token, Response* response, const Add& add) {
    OMNI_RETURN_IF_ERROR(hooks().on_page(token));
    const Seen now = seen();
    std::size_t index = 0;
    const std::size_t first = token.empty() ? 0 : std::stoul(token);
    for (const auto& [id, node] : now.nodes) {
      if (index >= first && index < first + hooks().page_size) add(node);
      ++index;
    }
    if (first + hooks().page_size < index) {
      response->set_next_page_token(std::to_string(first + hooks().page_size));
    }
    return absl::OkStatus();
  }

  telemetry::CapturingSink sink_;
  telemetry::Logger logger_{"registry", sink_, [] { return absl::Now(); }};
  identity::StaticSvidSource svids_;
  mutable Mutex mutex_;
  mutable CondVar changed_;
  Seen seen_;
  Hooks hooks_;
  std::map<std::string, Last> last_;
  std::set<std::uint64_t> leases_;
  std::map<std::string, v1::Namespace> namespaces_;
  std::unique_ptr<rpc::Server> server_;
};

grpc::Status FakeRegistry::Services::WatchTopology(
    grpc::ServerContext* context, const v1::WatchTopologyRequest* request,
    grpc::ServerWriter<v1::WatchTopologyResponse>* writer) {
  class Writer final : public WatchWriter {
   public:
    Writer(Services& services, grpc::ServerContext* context,
           grpc::ServerWriter<v1::WatchTopologyResponse>* writer)
        : services_(services), context_(context), writer_(writer) {}
    bool Send(const TopologyEvent& event) override {
      v1::WatchTopologyResponse message;
      message.set_previous_version(event.previous_version);
      std::visit(EventEncoder{message}, event.what);
      return writer_->Write(message);
    }
    void AwaitEnd() override { services_.AwaitEndOf(context_); }

   private:
    Services& services_;
    grpc::ServerContext* const context_;
    grpc::ServerWriter<v1::WatchTopologyResponse>* const writer_;
  };
  WatchRequest watch{.ns = NamespaceName::Parse(request->namespace_()).value(),
                     .resume = std::nullopt,
                     .min_interval = std::nullopt,
                     .bookmark_interval = std::nullopt,
                     .watcher_name = request->watcher_name(),
                     .with_evidence = request->with_evidence()};
  const auto& filter = request->filter();
  watch.filter.node_types.assign(filter.node_types().begin(), filter.node_types().end());
  watch.filter.labels.assign(filter.labels().begin(), filter.labels().end());
  watch.filter.epochs.assign(filter.epochs().begin(), filter.epochs().end());
  if (request->has_resume()) watch.resume = envelope::Decode(request->resume());
  if (request->has_min_interval()) {
    watch.min_interval = envelope::Decode(request->min_interval()).value();
  }
  if (request->has_bookmark_interval()) {
    watch.bookmark_interval = envelope::Decode(request->bookmark_interval()).value();
  }
  {
    MutexLock lock(mutex_);
    seen_.watches.push_back(watch);
    seen_.watch_peers.push_back(PeerPem(*context));
    changed_.NotifyAll();
  }
  Writer watch_writer(*this, context, writer);
  return rpc::ToGrpc(hooks().on_watch(watch, watch_writer));
}

FakeRegistry::FakeRegistry(const identity::TestAuthority& authority,
                           const identity::TrustSource& trust, std::string_view instance)
    : services_(std::make_unique<Services>(authority, trust, instance)) {}
FakeRegistry::~FakeRegistry() { Stop(); }

const std::string& FakeRegistry::address() const { return services_->address(); }
void FakeRegistry::Stop() { services_->Stop(); }
void FakeRegistry::Set(const std::function<void(Hooks&)>& change) { services_->Set(change); }
FakeRegistry::Seen FakeRegistry::seen() const { return services_->seen(); }
bool FakeRegistry::Await(const std::function<bool(const Seen&)>& enough) const {
  return services_->Await(enough);
}
void FakeRegistry::DropLeases() { services_->DropLeases(); }

}  // namespace omninode::node
