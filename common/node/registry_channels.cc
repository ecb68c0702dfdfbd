#include "common/node/registry_channels.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/reason.h"

namespace omninode::node {

absl::StatusOr<std::shared_ptr<RegistryChannels>> RegistryChannels::Create(Options options) {
  OMNI_CHECK(options.svids != nullptr && options.trust != nullptr && options.clock != nullptr);
  if (options.addresses.empty() || options.addresses.size() > kMaxAddresses) {
    return Reject(Reason::kArgumentInvalid, "{} registry addresses, 1 to {} are allowed",
                  options.addresses.size(), kMaxAddresses);
  }
  if (std::ranges::any_of(options.addresses, &std::string::empty)) {
    return Reject(Reason::kArgumentInvalid, "a registry address is empty");
  }
  return std::shared_ptr<RegistryChannels>(new RegistryChannels(options));
}

RegistryChannels::RegistryChannels(const Options& options) {
  for (const std::string& address : options.addresses) {
    channels_.push_back(std::make_unique<rpc::RotatingChannel>(
        rpc::RotatingChannel::Options{.address = address,
                                      .expected = options.expected,
                                      .svids = options.svids,
                                      .trust = options.trust,
                                      .clock = options.clock}));
  }
}

RegistryChannels::Pick RegistryChannels::Current() {
  std::size_t index = 0;
  {
    MutexLock lock(mutex_);
    index = current_;
  }
  return {index, channels_[index]->Get()};
}

void RegistryChannels::Failed(std::size_t index) {
  MutexLock lock(mutex_);
  if (index == current_) current_ = (current_ + 1) % channels_.size();
}

void RegistryChannels::Report(std::size_t index, const absl::Status& status) {
  if (IsInstanceFault(status)) Failed(index);
}

bool RegistryChannels::IsInstanceFault(const absl::Status& status) {
  if (absl::IsUnavailable(status)) return true;
  // DEADLINE is said by an instance that lives; without a reason nobody said anything.
  return absl::IsDeadlineExceeded(status) && !ReasonOf(status).has_value();
}

}  // namespace omninode::node
