#ifndef OMNINODE_TESTS_BENCH_NETWORK_H_
#define OMNINODE_TESTS_BENCH_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/identity/static_source.h"
#include "common/rpc/transport/channel.h"
#include "tests/bench/arguments.h"
#include "tests/bench/signers.h"
#include "tools/testbed/cluster.h"
#include "tools/testbed/temporary_folder.h"

namespace grpc {
class Channel;
}

namespace omninode::bench {

// What every scenario gets.
struct Setting {
  Arguments arguments;
  std::string bin_dir;
  std::function<bool()> interrupted;                 // asked often; true: stop
  std::function<void(const std::string&)> progress;  // one line for people
};

// The network that is measured: real processes with their state in a temporary folder, one
// namespace in which everybody has room, and the identities of those who make the load. Not
// thread-safe. The destructor kills the processes and removes the folder.
class Network final {
 public:
  static constexpr char kNamespace[] = "load";
  // Few, because each is a TLS connection; more than one, because one would be a queue.
  static constexpr std::size_t kConnections = 4;

  // FAILED_PRECONDITION, saying so, when the bootstrap service does not issue identities for keys
  // of the algorithm.
  static absl::StatusOr<std::unique_ptr<Network>> Start(const Setting& setting);
  ~Network();

  testbed::Cluster& cluster() { return *cluster_; }
  const Mint& mint() const { return *mint_; }
  const Clock& clock() const { return cluster_->clock(); }
  pid_t registry_pid() { return cluster_->registry().pid(); }
  std::string registry_data_dir() const;

  // `count` nodes from number `first` on, with identities.
  absl::StatusOr<Signers> MakeSigners(std::size_t first, std::size_t count) const;
  // Higher than all before; the next `count` are taken.
  std::uint64_t TakeSequences(std::size_t count);

  // New connections to the registry: of the agent of a host, which carries what nodes have signed,
  // and of an administrator, who may watch.
  std::vector<std::shared_ptr<grpc::Channel>> AgentChannels(std::size_t count);
  std::vector<std::shared_ptr<grpc::Channel>> AdminChannels(std::size_t count);

 private:
  explicit Network(const Setting& setting) : setting_(setting) {}
  absl::Status StartCluster();
  absl::Status CheckIssuing();
  absl::Status MakeIdentities();
  absl::Status MakeNamespace();
  std::vector<std::shared_ptr<grpc::Channel>> Channels(const identity::SvidSource& svids,
                                                       std::size_t count);

  const Setting& setting_;
  testbed::TemporaryFolder folder_;
  std::unique_ptr<testbed::Cluster> cluster_;
  std::unique_ptr<Mint> mint_;
  identity::StaticSvidSource agent_;
  std::uint64_t next_sequence_ = 0;
  std::vector<std::unique_ptr<rpc::RotatingChannel>> channels_;
};

unsigned CpuCount();

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_NETWORK_H_
