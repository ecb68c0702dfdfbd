#ifndef OMNINODE_TOOLS_TESTBED_MEMBER_H_
#define OMNINODE_TOOLS_TESTBED_MEMBER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/directory/node_ref.h"
#include "common/enrollment/membership.h"
#include "common/identity/spiffe_id.h"
#include "common/node/registry_channels.h"
#include "common/node/registry_client.h"
#include "common/rpc/transport/channel.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "tools/omnictl/bootstrap_admin_client.h"

namespace omninode::testbed {

// A node or administrator inside the test's own process: an identity that renews itself, and what
// one can do with it. Unlike NodeSession it does nothing by itself and may lie.
//
// Thread-safe. Clock and logger outlive it; it outlives everything that it gave.
class Member final {
 public:
  struct Options {
    const Clock& clock;
    telemetry::Logger& logger;
    std::string identity_dir = "";  // empty: key and identity live in memory only
    std::string token_file = "";    // empty: the folder has an identity
  };

  // Errors: those of Membership::Join.
  static absl::StatusOr<std::unique_ptr<Member>> Join(const Options& options);

  identity::X509SvidPtr svid() const { return membership_->svids().Current(); }
  identity::SpiffeId id() const { return svid()->id(); }
  enrollment::Membership& membership() { return *membership_; }
  std::shared_ptr<node::RegistryChannels> channels() { return channels_; }
  node::RegistryClient& registry() { return registry_; }
  omnictl::BootstrapAdminClient bootstrap();

  // A sequence that no envelope of this member had: the time in microseconds, always rising.
  std::uint64_t NextSequence();
  // The words of a node of any name, signed with the own SVID, as a serialized envelope.
  absl::StatusOr<std::string> Seal(const directory::Introspection& introspection,
                                   std::uint64_t sequence) const;
  // The own node's signed goodbye. REQUIRES: the member is a node.
  absl::StatusOr<std::string> SealTombstone(std::uint64_t sequence,
                                            std::string_view reason_text) const;

 private:
  Member(const Options& options, std::unique_ptr<enrollment::Membership> membership,
         std::shared_ptr<node::RegistryChannels> channels);

  const Clock& clock_;
  const std::unique_ptr<enrollment::Membership> membership_;
  const std::shared_ptr<node::RegistryChannels> channels_;
  node::RegistryClient registry_;
  rpc::RotatingChannel bootstrap_;
  std::atomic<std::uint64_t> last_sequence_ = 0;
};

// The same envelope with one bit of what was signed turned over: what a forger without the key can
// make. REQUIRES: `envelope` is a serialized SignedEnvelope.
absl::StatusOr<std::string> Forge(std::string_view envelope);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_MEMBER_H_
