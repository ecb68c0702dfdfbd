#ifndef OMNINODE_COMMON_NODE_TESTING_FAKE_REGISTRY_H_
#define OMNINODE_COMMON_NODE_TESTING_FAKE_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/base/mutex.h"
#include "common/envelope/envelope_body.h"
#include "common/identity/static_source.h"
#include "common/identity/testing/test_authority.h"
#include "common/node/registry_channels.h"
#include "common/node/topology_stream_client.h"
#include "common/rpc/transport/server.h"
#include "common/telemetry/capturing_sink.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"

// For this folder's tests: a registry small enough to see through, behind real gRPC and real TLS.
namespace omninode::node {

// What a script does on a watch.
class WatchWriter {
 public:
  virtual ~WatchWriter() = default;
  virtual bool Send(const TopologyEvent& event) = 0;  // false when the watcher is gone
  virtual void AwaitEnd() = 0;                        // until it is
};

class FakeRegistry final {
 public:
  struct Seen {
    std::vector<envelope::Body> registrations;  // every attempt that arrived
    std::vector<envelope::Body> tombstones;
    std::vector<LeaseBeat> beats;                // with a good MAC
    std::vector<std::string> heartbeat_streams;  // the peer's certificate, PEM
    std::vector<std::string> watch_peers;        // likewise
    std::vector<WatchRequest> watches;
    std::map<std::string, NodeRecord> nodes;  // live, by id
    std::uint64_t version = 0;
  };
  // What a test changes. Called on gRPC's threads.
  struct Hooks {
    absl::Duration ttl = absl::Seconds(60);
    absl::Duration renew_every = absl::Seconds(30);
    // Refuses a registration or tombstone before anything is done.
    std::function<absl::Status(const envelope::Body&)> before = [](const auto&) {
      return absl::OkStatus();
    };
    // Replaces the answer to one that was carried out.
    std::function<absl::Status(const envelope::Body&)> after = [](const auto&) {
      return absl::OkStatus();
    };
    std::function<BeatOutcome(const LeaseBeat&)> on_beat = [](const auto&) {
      return BeatOutcome::kOk;
    };
    std::function<absl::Status(const WatchRequest&, WatchWriter&)> on_watch =
        [](const WatchRequest&, WatchWriter& writer) {
          writer.AwaitEnd();
          return absl::OkStatus();
        };
    // Before each page of a list; the token is the index of its first item.
    std::function<absl::Status(const std::string& page_token)> on_page = [](const std::string&) {
      return absl::OkStatus();
    };
    std::size_t page_size = 2;
  };

  FakeRegistry(const identity::TestAuthority& authority, const identity::TrustSource& trust,
               std::string_view instance = "registry-1");
  ~FakeRegistry();

  const std::string& address() const;
  void Stop();

  void Set(const std::function<void(Hooks&)>& change);
  Seen seen() const;
  // Waits until `enough` of what was seen; false after ten seconds, with what was seen printed.
  bool Await(const std::function<bool(const Seen&)>& enough) const;
  // Forgets a lease without telling anybody: the next beat is answered with REREGISTER.
  void DropLeases();

 private:
  class Services;
  const std::unique_ptr<Services> services_;
};

// A node's surroundings: authority, sources, log.
struct NodeWorld {
  explicit NodeWorld(std::string_view id = "/ns/tenant-a/node/worker/w1") : path(id) { Rotate(); }

  identity::X509SvidPtr Issue() const {
    return std::make_shared<const identity::X509Svid>(authority.Issue(path));
  }
  void Rotate() { svids.Set(Issue()); }
  std::shared_ptr<RegistryChannels> Channels(std::vector<std::string> addresses) {
    return RegistryChannels::Create({.addresses = std::move(addresses),
                                     .svids = &svids,
                                     .trust = &trust,
                                     .clock = &clock})
        .value();
  }

  const std::string path;
  const identity::TestAuthority authority{"example.org", absl::Now()};
  SystemClock clock;
  identity::StaticTrustSource trust{authority.Trust()};
  identity::StaticSvidSource svids;
  telemetry::CapturingSink sink;
  telemetry::Logger logger{"test", sink, [] { return absl::Now(); }, telemetry::LogLevel::kDebug};
};

inline constexpr absl::Duration kLong = absl::Seconds(10);
inline constexpr std::string_view kFakeLeaseKey = "a lease key of thirty-two bytes.";

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_TESTING_FAKE_REGISTRY_H_
