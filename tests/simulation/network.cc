#include "tests/simulation/network.h"

#include <utility>

namespace omninode::registry::simulation {

void Network::SendRequest(Delivery arrive) {
  if (calm_) return Post(absl::ZeroDuration(), std::move(arrive));
  const std::uint64_t chance = random_.Below(1000);
  if (chance < 40) return journal_.Count("fault: request lost");
  Post(random_.Between(absl::ZeroDuration(), absl::Milliseconds(chance < 90 ? 6000 : 200)), arrive);
  if (chance < 70) {
    journal_.Count("fault: request doubled");
    Post(random_.Between(absl::ZeroDuration(), absl::Seconds(10)), std::move(arrive));
  }
}

void Network::SendAnswer(Delivery arrive) {
  if (!calm_ && random_.Permille(50)) return journal_.Count("fault: answer lost");
  Post(absl::ZeroDuration(), std::move(arrive));
}

void Network::SendBeat(Delivery arrive) {
  if (calm_) return arrive();
  const std::uint64_t chance = random_.Below(1000);
  if (chance < 50) return journal_.Count("fault: beat lost");
  if (chance < 100) {
    journal_.Count("fault: beat late or doubled");
    Post(random_.Between(absl::ZeroDuration(), absl::Seconds(8)), arrive);
    if (chance < 75) return;
  }
  arrive();
}

void Network::Post(absl::Duration delay, Delivery deliver) {
  parcels_.emplace(clock_.Monotonic() + delay, std::move(deliver));
}

void Network::Deliver() {
  while (!parcels_.empty() && parcels_.begin()->first <= clock_.Monotonic()) {
    auto parcel = parcels_.extract(parcels_.begin());
    parcel.mapped()();
  }
}

}  // namespace omninode::registry::simulation
