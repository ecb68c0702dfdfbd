#include "services/bootstrap/api/trust_broadcast.h"

#include <vector>

#include "common/rpc/stream/message_bytes.h"
#include "services/bootstrap/api/trust_codec.h"

namespace omninode::bootstrap {

TrustBroadcast::TrustBroadcast(TrustLedger& ledger, const NetworkMapSource& network)
    : ledger_(ledger),
      network_(network),
      ticker_("trust",
              [this] {
                WakeAll();
                return kTick;
              }),
      changes_(ledger.Subscribe([this](const identity::TrustStatePtr&) { ticker_.Kick(); })) {}

TrustBroadcast::Bytes TrustBroadcast::StateWord(const TrustViewPtr& view) {
  MutexLock lock(encode_mutex_);
  if (encoded_ != view) {
    v1::WatchTrustResponse word;
    word.set_sequence(view->state->sequence);
    *word.mutable_trust() = Encode(*view, *network_.Load());
    bytes_ = std::make_shared<const grpc::ByteBuffer>(rpc::SerializeMessage(word));
    encoded_ = view;
  }
  return bytes_;
}

TrustBroadcast::Bytes TrustBroadcast::KeepAliveWord(std::uint64_t sequence) {
  v1::WatchTrustResponse word;
  word.set_sequence(sequence);
  return std::make_shared<const grpc::ByteBuffer>(rpc::SerializeMessage(word));
}

std::unique_ptr<TrustBroadcast::Place> TrustBroadcast::Follow(std::shared_ptr<Handle> handle) {
  MutexLock lock(mutex_);
  const std::uint64_t id = next_id_++;
  followers_.emplace(id, std::move(handle));
  return std::make_unique<Place>(*this, id);
}

std::size_t TrustBroadcast::followers() const {
  MutexLock lock(mutex_);
  return followers_.size();
}

void TrustBroadcast::Remove(std::uint64_t id) {
  MutexLock lock(mutex_);
  followers_.erase(id);
}

void TrustBroadcast::WakeAll() {
  std::vector<std::shared_ptr<Handle>> handles;
  {
    MutexLock lock(mutex_);
    handles.reserve(followers_.size());
    for (const auto& [id, handle] : followers_) handles.push_back(handle);
  }
  for (const auto& handle : handles) handle->Wake();
}

}  // namespace omninode::bootstrap
