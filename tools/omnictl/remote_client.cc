#include "tools/omnictl/remote_client.h"

#include <filesystem>
#include <utility>
#include <vector>

#include <unistd.h>

#include "common/base/encoding.h"
#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "common/enrollment/identity_folder.h"
#include "common/http/client.h"
#include "common/identity/static_source.h"
#include "common/node/registry_channels.h"
#include "common/node/registry_client.h"
#include "common/node/topology_stream_client.h"
#include "common/rpc/transport/channel.h"
#include "tools/omnictl/bootstrap_admin_client.h"
#include "tools/omnictl/error_line.h"

namespace omninode::omnictl {
namespace {

constexpr absl::Duration kHttpTimeout = absl::Seconds(3);
constexpr absl::Duration kBookmarks = absl::Seconds(10);
// A stream on which nothing comes for so long is dead: three bookmarks and a little.
constexpr absl::Duration kSilence = absl::Seconds(32);

class RemoteRegistry final : public RegistryPort {
 public:
  RemoteRegistry(std::shared_ptr<node::RegistryChannels> channels, absl::Duration timeout)
      : channels_(std::move(channels)), client_(channels_), timeout_(timeout) {}

  absl::StatusOr<node::NodeRecord> GetNode(const directory::NodeRef& node,
                                           bool with_evidence) override {
    return client_.GetNode(node, with_evidence, timeout_);
  }
  absl::StatusOr<node::NodeList> ListNodes(const NamespaceName& ns,
                                           const std::vector<NodeType>& types) override {
    return client_.ListNodes(ns, types, timeout_);
  }
  absl::StatusOr<directory::Tombstone> RemoveNode(const directory::NodeRef& node,
                                                  std::string_view reason_text,
                                                  std::string_view request_id) override {
    return client_.Remove(node, reason_text, request_id, timeout_);
  }
  absl::StatusOr<std::vector<directory::Tombstone>> ListTombstones(
      const NamespaceName& ns, const std::optional<NodeId>& node, std::size_t limit) override {
    return client_.ListTombstones(ns, node, limit, timeout_);
  }
  absl::StatusOr<node::TopologySnapshot> GetTopology(const NamespaceName& ns) override {
    return client_.GetTopology(ns, timeout_);
  }
  absl::StatusOr<directory::Position> WaitForVersion(const NamespaceName& ns,
                                                     const directory::Position& position) override {
    return client_.WaitForVersion(ns, position, timeout_);
  }
  absl::Status Watch(
      const WatchOptions& options,
      const std::function<absl::Status(const node::TopologyEvent&)>& on_event) override {
    node::TopologyStreamClient stream(channels_->Current().channel,
                                      {.ns = options.ns,
                                       .filter = options.filter,
                                       .resume = options.since,
                                       // Each version by itself: people ask what happened.
                                       .min_interval = absl::ZeroDuration(),
                                       .bookmark_interval = kBookmarks,
                                       .watcher_name = fmt::format("omnictl-{}", ::getpid()),
                                       .with_evidence = options.with_evidence});
    // The first message says whether there is anybody; after that silence has another measure.
    absl::Duration patience = timeout_;
    while (true) {
      OMNI_ASSIGN_OR_RETURN(const auto event, stream.Next(patience));
      if (event.has_value()) OMNI_RETURN_IF_ERROR(on_event(*event));
      patience = kSilence;
    }
  }
  absl::StatusOr<node::NamespaceRecord> CreateNamespace(const NamespaceName& ns,
                                                        const node::NamespaceRules& rules,
                                                        std::string_view request_id) override {
    return client_.CreateNamespace(ns, rules, request_id, timeout_);
  }
  absl::StatusOr<node::NamespaceRecord> GetNamespace(const NamespaceName& ns) override {
    return client_.GetNamespace(ns, timeout_);
  }
  absl::StatusOr<std::vector<node::NamespaceRecord>> ListNamespaces() override {
    return client_.ListNamespaces(timeout_);
  }

 private:
  const std::shared_ptr<node::RegistryChannels> channels_;
  node::RegistryClient client_;
  const absl::Duration timeout_;
};

// The identity folder's contents as sources, for as long as the command runs.
struct OwnIdentity {
  explicit OwnIdentity(enrollment::IdentityFolder::Contents contents)
      : svids(std::make_shared<const identity::X509Svid>(std::move(contents.svid))),
        trust(std::move(contents.trust.trust)),
        network(std::move(contents.trust.network)) {}

  identity::StaticSvidSource svids;
  identity::StaticTrustSource trust;
  const enrollment::NetworkInfo network;
};

absl::Status NoIdentity(std::string_view problem) {
  return WithExitCode(
      WithAdvice(Error(absl::StatusCode::kFailedPrecondition, "{}", problem),
                 "make one with `omnictl identity issue --spiffe-id ID --out DIR` on the bootstrap "
                 "service's machine, then pass --identity DIR or set OMNINODE_IDENTITY"),
      ExitCode::kMissingInput);
}

absl::StatusOr<std::unique_ptr<OwnIdentity>> LoadIdentity(const std::string& dir, absl::Time now) {
  const std::string shown = EscapeForDisplay(dir, 256);
  std::error_code ignored;
  if (dir.empty()) return NoIdentity("there is no identity to connect with");
  if (!std::filesystem::is_directory(dir, ignored)) {
    return NoIdentity(fmt::format("there is no identity folder {}", shown));
  }
  OMNI_ASSIGN_OR_RETURN(const auto folder, enrollment::IdentityFolder::Open(dir));
  auto contents = folder.Load();
  if (absl::IsNotFound(contents.status())) {
    return NoIdentity(fmt::format("there is no identity in {}", shown));
  }
  if (!contents.ok()) return contents.status();
  if (contents->svid.not_after() <= now) {
    return Reject(Reason::kCertExpired, "the identity in {} ended at {}", shown,
                  omninode::FormatTime(contents->svid.not_after()));
  }
  return std::make_unique<OwnIdentity>(*std::move(contents));
}

class RemoteClient final : public Client {
 public:
  RemoteClient(ConnectionOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  const Clock& clock() const override { return clock_; }

  absl::StatusOr<RegistryPort*> Registry() override {
    if (registry_ != nullptr) return registry_.get();
    OMNI_RETURN_IF_ERROR(NeedIdentity());
    OMNI_ASSIGN_OR_RETURN(
        auto addresses, Addresses(options_.registry, own_->network.registry_addresses, "registry"));
    OMNI_ASSIGN_OR_RETURN(auto channels,
                          node::RegistryChannels::Create({.addresses = std::move(addresses),
                                                          .svids = &own_->svids,
                                                          .trust = &own_->trust,
                                                          .clock = &clock_}));
    registry_ = std::make_unique<RemoteRegistry>(std::move(channels), options_.timeout);
    return registry_.get();
  }

  absl::StatusOr<BootstrapAdmin*> Bootstrap() override {
    if (bootstrap_ != nullptr) return bootstrap_.get();
    OMNI_RETURN_IF_ERROR(NeedIdentity());
    OMNI_ASSIGN_OR_RETURN(
        const auto addresses,
        Addresses(options_.bootstrap, own_->network.bootstrap_addresses, "bootstrap"));
    rpc::RotatingChannel channel({.address = addresses.front(),
                                  .expected = rpc::ExpectService("bootstrap"),
                                  .svids = &own_->svids,
                                  .trust = &own_->trust,
                                  .clock = &clock_});
    bootstrap_ = std::make_unique<BootstrapAdminClient>(channel.Get(), options_.timeout);
    return bootstrap_.get();
  }

  absl::StatusOr<enrollment::FirstIdentity> IssueLocally(
      const std::string& socket_path, const std::string& spiffe_id,
      std::optional<absl::Duration> ttl) override {
    return enrollment::IssueLocally(socket_path, spiffe_id,
                                    crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256), ttl,
                                    clock_, options_.timeout);
  }

  absl::StatusOr<http::Response> HttpGet(const std::string& host, std::uint16_t port,
                                         std::string_view target) override {
    return http::Get(host, port, target, std::min(kHttpTimeout, options_.timeout));
  }

  absl::Status RunNode(const NodeRunOptions& options, const NodeEventSink& on_event) override {
    return omnictl::RunNode(options, clock_, on_event);
  }

  std::string NewRequestId() override { return crypto::RandomUuid(); }

 private:
  absl::Status NeedIdentity() {
    if (own_ != nullptr) return absl::OkStatus();
    OMNI_ASSIGN_OR_RETURN(own_, LoadIdentity(options_.identity_dir, clock_.Now()));
    return absl::OkStatus();
  }

  static absl::StatusOr<std::vector<std::string>> Addresses(const std::string& chosen,
                                                            const std::vector<std::string>& known,
                                                            std::string_view service) {
    if (!chosen.empty()) return std::vector<std::string>{chosen};
    if (!known.empty()) return known;
    return WithAdvice(Error(absl::StatusCode::kFailedPrecondition,
                            "the identity folder names no address of the {} service", service),
                      fmt::format("pass --{} HOST:PORT", service));
  }

  const ConnectionOptions options_;
  const Clock& clock_;
  std::unique_ptr<OwnIdentity> own_;  // before what uses it
  std::unique_ptr<RemoteRegistry> registry_;
  std::unique_ptr<BootstrapAdminClient> bootstrap_;
};

}  // namespace

std::unique_ptr<Client> MakeRemoteClient(ConnectionOptions options, const Clock& clock) {
  return std::make_unique<RemoteClient>(std::move(options), clock);
}

}  // namespace omninode::omnictl
