#ifndef OMNINODE_TOOLS_TESTBED_CLUSTER_H_
#define OMNINODE_TOOLS_TESTBED_CLUSTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/identity/spiffe_id.h"
#include "common/telemetry/log.h"
#include "common/telemetry/log_sink.h"
#include "common/time/clock.h"
#include "tools/testbed/member.h"
#include "tools/testbed/port.h"
#include "tools/testbed/service_process.h"

namespace omninode::testbed {

// A network of real processes on this machine: bootstrap, attestor, registry, and nodes, on free
// loopback ports, with all state in one folder:
//
//   <name>.log, .out, .ready   of each process, nodes too; testbed.log of our own clients
//   data/, identities/<name>/, tokens/, nodes/
//
// Not thread-safe; what it hands out says for itself. Everything it started is killed with it. The
// folder stays: keep it after a failure, remove it after success.
class Cluster final {
 public:
  struct Options {
    std::string dir;      // made if it is not there; its parent must be
    std::string bin_dir;  // with the programs
    std::string network = "testbed";
    std::string trust_domain = "testbed.example";
    absl::Duration svid_ttl = absl::Hours(1);  // of nodes and services
    std::string log_level = "info";
    absl::Duration timeout = absl::Seconds(30);  // for one process to become ready, or to end
    std::map<std::string, std::vector<std::string>> more_args = {};  // by service
  };

  // Prepares folders and ports; nothing runs yet. MISSING programs are NOT_FOUND.
  static absl::StatusOr<std::unique_ptr<Cluster>> Create(Options options);
  // That, and the three services, ready.
  static absl::StatusOr<std::unique_ptr<Cluster>> Start(Options options);
  ~Cluster();

  // In this order; each returns when the service is ready. StartBootstrap also makes the network
  // and the identities of the other two and of an administrator.
  absl::Status StartBootstrap();
  absl::Status StartAttestor();
  absl::Status StartRegistry();

  ServiceProcess& bootstrap() { return *bootstrap_; }
  ServiceProcess& attestor() { return *attestor_; }
  ServiceProcess& registry() { return *registry_; }
  std::string attestor_address() const { return attestor_address_; }
  std::string bootstrap_address() const { return bootstrap_address_; }
  std::string registry_address() const { return registry_address_; }

  // Kills the registry (or stops it, with SIGTERM) and starts it again on the same port.
  absl::Status RestartRegistry(int signal);

  // REQUIRES: StartBootstrap returned OK.
  Member& admin() { return *admin_; }
  std::string admin_dir() const { return IdentityDir("admin"); }
  std::string IdentityDir(std::string_view name) const;

  // Lets every node of the namespace have an identity.
  absl::Status AllowNodes(std::string_view ns);
  identity::SpiffeId NodeId(const directory::Introspection& node) const;
  // A token file for one identity; returns its path. There must be an entry.
  absl::StatusOr<std::string> MakeToken(const identity::SpiffeId& id);

  // An `omnictl node run` process with a token and an identity folder, registered. Named after the
  // node's id.
  absl::StatusOr<ServiceProcess*> StartNode(const directory::Introspection& node);
  // Makes a running node describe itself anew.
  absl::Status DescribeNode(const directory::Introspection& node);
  // REQUIRES: it was started.
  ServiceProcess& node(std::string_view id) { return *nodes_.find(id)->second; }

  // A node in this process, by a token; it is not registered.
  absl::StatusOr<std::unique_ptr<Member>> JoinNode(const directory::Introspection& node);
  // Somebody in this process with the identity in that folder.
  absl::StatusOr<std::unique_ptr<Member>> JoinFromFolder(const std::string& dir);

  // What a counter of a service says now; see SumOf.
  static absl::StatusOr<double> CounterValue(const ServiceProcess& service, std::string_view name,
                                             const std::map<std::string, std::string>& labels = {});

  // One part of the end each; together they are StopAll. The first error is returned, and the rest
  // is stopped all the same.
  absl::Status StopNodes();
  absl::Status StopAttestorAndBootstrap();
  absl::Status StopRegistry();
  absl::Status StopAll();

  const Options& options() const { return options_; }
  const Clock& clock() const { return clock_; }
  telemetry::Logger& logger() { return logger_; }
  // The log lines of every process that matter after a failure; see LogExcerpt.
  std::string LogExcerpts(std::size_t count = 10) const;

 private:
  Cluster(Options options, std::unique_ptr<telemetry::LogSink> sink);

  std::string Path(std::string_view name) const;
  std::string Program(std::string_view name) const;
  std::unique_ptr<ServiceProcess> MakeService(const std::string& name,
                                              std::vector<std::string> args);
  absl::Status TakePorts();
  absl::Status RunInit();
  absl::Status IssueIdentity(const std::string& name, std::string_view path, absl::Duration ttl);
  absl::Status WriteIntrospection(const directory::Introspection& node) const;
  absl::Status CheckPrograms() const;

  const Options options_;
  const SystemClock clock_;
  const std::unique_ptr<telemetry::LogSink> sink_;
  telemetry::Logger logger_;
  PortPool ports_;
  std::string attestor_address_;
  std::string bootstrap_address_;
  std::string registry_address_;
  std::unique_ptr<ServiceProcess> bootstrap_;
  std::unique_ptr<ServiceProcess> attestor_;
  std::unique_ptr<ServiceProcess> registry_;
  std::map<std::string, std::unique_ptr<ServiceProcess>, std::less<>> nodes_;
  std::unique_ptr<Member> admin_;  // last: it talks to the processes
};

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_CLUSTER_H_
