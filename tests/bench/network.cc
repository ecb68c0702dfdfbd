#include "tests/bench/network.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/crypto/certificate_issuer.h"
#include "common/crypto/key.h"
#include "common/crypto/pem.h"
#include "common/crypto/wipe.h"
#include "common/enrollment/bootstrap_client.h"
#include "common/identity/principal.h"

namespace omninode::bench {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr absl::Duration kTtl = absl::Hours(24);
constexpr char kAgentHost[] = "bench-host";
// Envelopes are signed before they are needed, some minutes when there are many.
constexpr char kClockSkew[] = "1h";

// The authority of a network whose bootstrap service has its state in `folder`.
absl::StatusOr<crypto::CertificateIssuer> ReadAuthority(const std::string& folder) {
  OMNI_ASSIGN_OR_RETURN(std::string text, config::ReadSecretFile(folder + "/ca-key.pem"));
  const crypto::SecretString key_pem(std::move(text));
  OMNI_ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::FromPkcs8Pem(key_pem.value()));
  OMNI_ASSIGN_OR_RETURN(const std::string pem, config::ReadSecretFile(folder + "/ca-cert.pem"));
  OMNI_ASSIGN_OR_RETURN(const std::vector<std::string> ders, crypto::CertificatesFromPem(pem));
  if (ders.empty()) return Error(absl::StatusCode::kDataLoss, "{} has no certificate", folder);
  OMNI_ASSIGN_OR_RETURN(crypto::Certificate certificate,
                        crypto::Certificate::FromDer(ders.front()));
  return crypto::CertificateIssuer::Create(std::move(certificate), std::move(key));
}

}  // namespace

unsigned CpuCount() { return std::max(1U, std::thread::hardware_concurrency()); }

Network::~Network() = default;

absl::StatusOr<std::unique_ptr<Network>> Network::Start(const Setting& setting) {
  std::unique_ptr<Network> network(new Network(setting));
  setting.progress("starting bootstrap, attestor and registry");
  OMNI_RETURN_IF_ERROR(network->StartCluster());
  OMNI_RETURN_IF_ERROR(network->CheckIssuing());
  OMNI_RETURN_IF_ERROR(network->MakeIdentities());
  OMNI_RETURN_IF_ERROR(network->MakeNamespace());
  if (setting.interrupted()) return absl::CancelledError("interrupted");
  return network;
}

absl::Status Network::StartCluster() {
  OMNI_ASSIGN_OR_RETURN(
      cluster_, testbed::Cluster::Start(
                    {.dir = folder_.path(),
                     .bin_dir = setting_.bin_dir,
                     .network = "bench",
                     .trust_domain = "bench.example",
                     .log_level = "warning",
                     .timeout = kTimeout,
                     .more_args = {{"registry", {"--admission.max-clock-skew", kClockSkew}}}}));
  return absl::OkStatus();
}

// The nodes' own identities are not made by the service, so it is asked once whether it would.
absl::Status Network::CheckIssuing() {
  const crypto::KeyAlgorithm algorithm = setting_.arguments.algorithm;
  const auto issued = enrollment::IssueLocally(
      folder_.path() + "/admin/sock",
      fmt::format("spiffe://{}/admin/bench", cluster_->options().trust_domain),
      crypto::PrivateKey::Generate(algorithm), std::nullopt, clock(), kTimeout);
  if (issued.ok()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition,
               "the bootstrap service does not issue identities for {} keys: {}",
               crypto::NameOf(algorithm), Message(issued.status()));
}

absl::Status Network::MakeIdentities() {
  OMNI_ASSIGN_OR_RETURN(const auto issuer, ReadAuthority(folder_.path() + "/data/bootstrap"));
  const absl::Time now = clock().Now();
  mint_ = std::make_unique<Mint>(issuer, setting_.arguments.algorithm, now);
  next_sequence_ = static_cast<std::uint64_t>(absl::ToUnixMicros(now));
  OMNI_ASSIGN_OR_RETURN(const auto host, NodeId::Parse(kAgentHost));
  // Connections are the same for every algorithm, so that only signatures differ.
  const Mint agents(issuer, crypto::KeyAlgorithm::kP256, now);
  OMNI_ASSIGN_OR_RETURN(
      auto svid,
      agents.Make(identity::AgentSpiffeId(cluster_->admin().id().trust_domain(), host), 0));
  agent_.Set(std::make_shared<const identity::X509Svid>(std::move(svid)));
  return absl::OkStatus();
}

absl::Status Network::MakeNamespace() {
  OMNI_ASSIGN_OR_RETURN(const auto ns, NamespaceName::Parse(kNamespace));
  // Nobody beats: leases are not what is measured.
  return cluster_->admin()
      .registry()
      .CreateNamespace(ns, {.default_ttl = kTtl,
                            .min_ttl = kTtl,
                            .max_ttl = kTtl,
                            .max_nodes = Arguments::kMaxNodes})
      .status();
}

std::string Network::registry_data_dir() const { return folder_.path() + "/data/registry"; }

absl::StatusOr<Signers> Network::MakeSigners(std::size_t first, std::size_t count) const {
  return Signers::Create(*mint_, {.network = cluster_->admin().membership().network().network_id,
                                  .ns = *NamespaceName::Parse(kNamespace),
                                  .trust_domain = cluster_->admin().id().trust_domain(),
                                  .first = first,
                                  .count = count,
                                  .threads = CpuCount(),
                                  .interrupted = setting_.interrupted});
}

std::uint64_t Network::TakeSequences(std::size_t count) {
  const std::uint64_t first = next_sequence_;
  next_sequence_ += count;
  return first;
}

std::vector<std::shared_ptr<grpc::Channel>> Network::AgentChannels(std::size_t count) {
  return Channels(agent_, count);
}

std::vector<std::shared_ptr<grpc::Channel>> Network::AdminChannels(std::size_t count) {
  return Channels(cluster_->admin().membership().svids(), count);
}

std::vector<std::shared_ptr<grpc::Channel>> Network::Channels(const identity::SvidSource& svids,
                                                              std::size_t count) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (std::size_t i = 0; i < count; ++i) {
    channels_.push_back(std::make_unique<rpc::RotatingChannel>(
        rpc::RotatingChannel::Options{.address = cluster_->registry_address(),
                                      .expected = rpc::ExpectService("registry"),
                                      .svids = &svids,
                                      .trust = &cluster_->admin().membership().trust(),
                                      .clock = &cluster_->clock()}));
    channels.push_back(channels_.back()->Get());
  }
  return channels;
}

}  // namespace omninode::bench
