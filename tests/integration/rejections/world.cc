#include "tests/integration/rejections/world.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/crypto/random.h"
#include "common/node/registry_records.h"
#include "tests/integration/rejections/calls.h"

namespace omninode::rejections {

absl::StatusOr<std::unique_ptr<World>> World::Start(const std::string& dir,
                                                    const std::string& bin_dir) {
  OMNI_ASSIGN_OR_RETURN(auto cluster, testbed::Cluster::Start({.dir = dir, .bin_dir = bin_dir}));
  OMNI_ASSIGN_OR_RETURN(auto authority, StolenAuthority::Take(dir + "/data/bootstrap",
                                                              cluster->options().trust_domain));
  for (const std::string_view ns : {kTenant, kOtherTenant}) {
    OMNI_ASSIGN_OR_RETURN(const auto name, NamespaceName::Parse(ns));
    OMNI_RETURN_IF_ERROR(cluster->admin().registry().CreateNamespace(name, {}).status());
    OMNI_RETURN_IF_ERROR(cluster->AllowNodes(ns));
  }
  return std::unique_ptr<World>(new World(dir, std::move(cluster), std::move(authority)));
}

World::World(std::string dir, std::unique_ptr<testbed::Cluster> cluster, StolenAuthority authority)
    : dir_(std::move(dir)), cluster_(std::move(cluster)), authority_(std::move(authority)) {}

std::vector<testbed::ServiceProcess*> World::services() {
  return {&cluster_->bootstrap(), &cluster_->attestor(), &cluster_->registry()};
}

Actor World::NewNode(std::string_view ns, const StolenAuthority::Options& options) {
  return authority_.Issue(fmt::format("/ns/{}/node/worker/{}", ns, NewName()), options);
}

Actor World::ActorOf(const testbed::Member& member) {
  const auto svid = member.svid();
  return {svid->id().ToString(), svid->chain_der(), svid->key()};
}

std::string World::NewName() { return fmt::format("n{}", ++names_); }

std::uint64_t World::NextSequence() {
  const auto now = static_cast<std::uint64_t>(absl::ToUnixMicros(absl::Now()));
  return last_sequence_ = std::max(last_sequence_ + 1, now);
}

std::shared_ptr<grpc::Channel> World::Registry(const Actor& client) {
  return Way(cluster_->registry_address(), client);
}
std::shared_ptr<grpc::Channel> World::Bootstrap(const Actor& client) {
  return Way(cluster_->bootstrap_address(), client);
}

std::shared_ptr<grpc::Channel> World::Way(const std::string& address, const Actor& client) {
  auto& way = ways_[{address, client.chain_der}];
  if (way == nullptr) way = Dial(address, &client);
  return way;
}

World::Door World::NewDoor(const std::string& target) {
  const std::size_t number = relays_.size() + 1;
  auto relay =
      AddressRelay::Start(target, fmt::format("127.0.{}.{}", 1 + number / 250, 1 + number % 250));
  OMNI_CHECK(relay.ok());
  relays_.push_back(*std::move(relay));
  return {relays_.back()->address(), "ipv4:" + relays_.back()->source()};
}

std::string World::NewCanary() {
  KeepSecret("canary-" + HexEncode(crypto::RandomBytes(12)));
  return secrets_.back();
}

std::string World::SecretIn(std::string_view text) const {
  const auto found = std::ranges::find_if(secrets_, [&](const std::string& secret) {
    return text.find(secret) != std::string_view::npos;
  });
  return found == secrets_.end() ? "" : *found;
}

}  // namespace omninode::rejections
