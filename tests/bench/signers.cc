#include "tests/bench/signers.h"

#include <optional>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/random.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/identity/principal.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "tools/testbed/for_each.h"

namespace omninode::bench {
namespace {

constexpr char kType[] = "worker";
constexpr std::size_t kAskEvery = 256;  // signatures
constexpr absl::Duration kLife = absl::Hours(24);
constexpr absl::Duration kBackdated = absl::Minutes(1);

std::string IdOf(std::size_t number) { return fmt::format("worker-{:07}", number); }

}  // namespace

Mint::Mint(crypto::CertificateIssuer issuer, crypto::KeyAlgorithm algorithm, absl::Time now)
    : issuer_(std::move(issuer)), now_(now) {
  for (std::size_t i = 0; i < kKeys; ++i) keys_.push_back(crypto::PrivateKey::Generate(algorithm));
}

absl::StatusOr<identity::X509Svid> Mint::Make(const identity::SpiffeId& id,
                                              std::size_t number) const {
  OMNI_ASSIGN_OR_RETURN(crypto::Certificate leaf,
                        issuer_.IssueLeaf({.uri = id.ToString(),
                                           .dns = {},
                                           .key = key(number).public_key(),
                                           .not_before = now_ - kBackdated,
                                           .not_after = now_ + kLife,
                                           .serial = crypto::RandomBytes(crypto::kSerialBytes)}));
  return identity::X509Svid::Create({std::move(leaf)}, key(number));
}

absl::StatusOr<directory::Introspection> DescriptionOf(const NamespaceName& ns, std::size_t number,
                                                       std::uint64_t counter) {
  const std::string host =
      fmt::format("10.{}.{}.{}", number / 65536 % 256, number / 256 % 256, number % 256);
  return directory::Introspection::Create(
      {.ns = ns.value(),
       .node_type = kType,
       .node_id = IdOf(number),
       .version = "1.4.2",
       .endpoints = {{"admin", fmt::format("https://{}:9443/readyz", host)},
                     {"grpc", fmt::format("grpcs://{}:8443", host)},
                     {"metrics", fmt::format("https://{}:9100/metrics", host)}},
       .capabilities = {{"aggregation_throughput", fmt::format("{}", counter)},
                        {"max_concurrent_workflows", "40"},
                        {"memory_gib", "64"},
                        {"model", "stage-2-large"},
                        {"queues", "batch,interactive"},
                        {"tool_versions", "planner=7 reducer=12"}},
       .labels = {{"rack", "r17"},
                  {"region", "eu-central-1"},
                  {"team", "platform-orchestration"},
                  {"zone", "eu-central-1b"}},
       .epoch = "blue"});
}

absl::StatusOr<Signers> Signers::Create(const Mint& mint, const Options& options) {
  OMNI_ASSIGN_OR_RETURN(const auto type, NodeType::Parse(kType));
  std::vector<std::optional<identity::X509Svid>> made(options.count);
  OMNI_RETURN_IF_ERROR(
      testbed::ForEach(options.count, options.threads, [&](std::size_t place) -> absl::Status {
        const std::size_t number = options.first + place;
        OMNI_ASSIGN_OR_RETURN(const auto id, NodeId::Parse(IdOf(number)));
        OMNI_ASSIGN_OR_RETURN(
            made[place],
            mint.Make(identity::NodeSpiffeId(options.trust_domain, options.ns, type, id), number));
        return absl::OkStatus();
      }));
  std::vector<identity::X509Svid> svids;
  svids.reserve(made.size());
  for (auto& svid : made) svids.push_back(*std::move(svid));
  return Signers(options, std::move(svids));
}

Signers::Signers(Options options, std::vector<identity::X509Svid> svids)
    : options_(std::move(options)), svids_(std::move(svids)) {}

absl::StatusOr<std::string> Signers::SignOne(std::size_t place, std::uint64_t sequence,
                                             absl::Time now) const {
  OMNI_ASSIGN_OR_RETURN(const auto description,
                        DescriptionOf(options_.ns, options_.first + place, sequence));
  OMNI_ASSIGN_OR_RETURN(const std::string envelope,
                        envelope::Seal({.type = envelope::EventType::kNodeIntrospection,
                                        .timestamp = now,
                                        .audience = {options_.network, options_.ns},
                                        .sequence = sequence,
                                        .correlation_id = "",
                                        .payload = envelope::EncodeIntrospection(description)},
                                       crypto::RandomUuid(), now, svids_[place]));
  registry::v1::RegisterRequest request;
  if (!request.mutable_envelope()->ParseFromString(envelope)) {
    return Error(absl::StatusCode::kInternal, "an envelope that cannot be read was sealed");
  }
  return request.SerializeAsString();
}

absl::StatusOr<std::vector<std::string>> Signers::Sign(std::size_t count,
                                                       std::uint64_t first_sequence,
                                                       absl::Time now) const {
  std::vector<std::string> requests(count);
  OMNI_RETURN_IF_ERROR(
      testbed::ForEach(count, options_.threads, [&](std::size_t i) -> absl::Status {
        if (i % kAskEvery == 0 && options_.interrupted()) {
          return absl::CancelledError("interrupted");
        }
        OMNI_ASSIGN_OR_RETURN(requests[i], SignOne(i % size(), first_sequence + i, now));
        return absl::OkStatus();
      }));
  return requests;
}

}  // namespace omninode::bench
