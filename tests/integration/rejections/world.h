#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_WORLD_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_WORLD_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "tests/integration/rejections/actor.h"
#include "tests/integration/rejections/address_relay.h"
#include "tests/integration/rejections/stolen_authority.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/service_process.h"

namespace grpc {
class Channel;
}

namespace omninode::rejections {

inline constexpr std::string_view kTenant = "tenant-a";       // of the rows' nodes
inline constexpr std::string_view kOtherTenant = "tenant-b";  // of somebody else
inline constexpr absl::Duration kSoon = absl::Seconds(10);

// One network of real processes for all rows, and people to act in it. Most of them have their
// certificates from the stolen authority: as good as bootstrap's, made in no time, and new for each
// row, because log lines are limited by peer. Not thread-safe, but for what says so.
class World final {
 public:
  static absl::StatusOr<std::unique_ptr<World>> Start(const std::string& dir,
                                                      const std::string& bin_dir);

  testbed::Cluster& cluster() { return *cluster_; }
  const StolenAuthority& authority() const { return authority_; }
  const std::string& dir() const { return dir_; }
  std::vector<testbed::ServiceProcess*> services();

  // Never seen before.
  Actor NewNode(std::string_view ns = kTenant, const StolenAuthority::Options& options = {});
  Actor NewAgent() { return authority_.Issue("/agent/" + NewName()); }
  // Of the whole network.
  Actor NewAdmin() { return authority_.Issue("/admin/" + NewName()); }
  // Somebody whom bootstrap knows.
  static Actor ActorOf(const testbed::Member& member);
  std::string NewName();
  std::uint64_t NextSequence();

  // A connection of that certificate; one is kept for each.
  std::shared_ptr<grpc::Channel> Registry(const Actor& client);
  std::shared_ptr<grpc::Channel> Bootstrap(const Actor& client);

  // A way into a service from an address that nobody used before.
  struct Door {
    std::string address;  // to dial
    std::string peer;     // whom the service sees: "ipv4:127.0.1.7"
  };
  Door NewDoor(const std::string& target);

  // A text that must not come out anywhere, new for each call.
  std::string NewCanary();
  void KeepSecret(std::string secret) { secrets_.push_back(std::move(secret)); }
  // The first of them in `text`, or "".
  std::string SecretIn(std::string_view text) const;

 private:
  World(std::string dir, std::unique_ptr<testbed::Cluster> cluster, StolenAuthority authority);
  std::shared_ptr<grpc::Channel> Way(const std::string& address, const Actor& client);

  const std::string dir_;
  const std::unique_ptr<testbed::Cluster> cluster_;
  const StolenAuthority authority_;
  std::map<std::pair<std::string, std::vector<std::string>>, std::shared_ptr<grpc::Channel>> ways_;
  std::list<std::unique_ptr<AddressRelay>> relays_;
  std::vector<std::string> secrets_;
  std::uint64_t names_ = 0;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_WORLD_H_
