#include "tools/testbed/member.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/envelope/raw_envelope.h"
#include "tools/testbed/sealed_words.h"

namespace omninode::testbed {
namespace {

constexpr absl::Duration kAdminTimeout = absl::Seconds(15);

}  // namespace

absl::StatusOr<std::unique_ptr<Member>> Member::Join(const Options& options) {
  OMNI_ASSIGN_OR_RETURN(auto membership,
                        enrollment::Membership::Join({.clock = options.clock,
                                                      .logger = options.logger,
                                                      .identity_dir = options.identity_dir,
                                                      .token_file = options.token_file}));
  OMNI_ASSIGN_OR_RETURN(auto channels, node::RegistryChannels::Create(
                                           {.addresses = membership->network().registry_addresses,
                                            .svids = &membership->svids(),
                                            .trust = &membership->trust(),
                                            .clock = &options.clock}));
  return std::unique_ptr<Member>(new Member(options, std::move(membership), std::move(channels)));
}

Member::Member(const Options& options, std::unique_ptr<enrollment::Membership> membership,
               std::shared_ptr<node::RegistryChannels> channels)
    : clock_(options.clock),
      membership_(std::move(membership)),
      channels_(std::move(channels)),
      registry_(channels_),
      bootstrap_({.address = membership_->network().bootstrap_addresses.front(),
                  .expected = rpc::ExpectService("bootstrap"),
                  .svids = &membership_->svids(),
                  .trust = &membership_->trust(),
                  .clock = &clock_}) {}

omnictl::BootstrapAdminClient Member::bootstrap() {
  return omnictl::BootstrapAdminClient(bootstrap_.Get(), kAdminTimeout);
}

std::uint64_t Member::NextSequence() {
  const auto now = static_cast<std::uint64_t>(absl::ToUnixMicros(clock_.Now()));
  std::uint64_t last = last_sequence_;
  std::uint64_t next = 0;
  do {
    next = std::max(last + 1, now);
  } while (!last_sequence_.compare_exchange_weak(last, next));
  return next;
}

absl::StatusOr<std::string> Member::Seal(const directory::Introspection& introspection,
                                         std::uint64_t sequence) const {
  return SealIntrospection(introspection, membership_->network().network_id, sequence, *svid(),
                           clock_.Now());
}

absl::StatusOr<std::string> Member::SealTombstone(std::uint64_t sequence,
                                                  std::string_view reason_text) const {
  return testbed::SealTombstone(reason_text, membership_->network().network_id, sequence, *svid(),
                                clock_.Now());
}

absl::StatusOr<std::string> Forge(std::string_view envelope) {
  OMNI_ASSIGN_OR_RETURN(auto raw, envelope::DecodeRawEnvelope(envelope));
  // The last byte belongs to the payload, so the body can still be read: only the signature tells.
  raw.body.back() = static_cast<char>(raw.body.back() ^ 1);
  return envelope::EncodeRawEnvelope(raw);
}

}  // namespace omninode::testbed
