#ifndef OMNINODE_SERVICES_REGISTRY_SEQUENCER_GROUP_COMMIT_H_
#define OMNINODE_SERVICES_REGISTRY_SEQUENCER_GROUP_COMMIT_H_

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include <absl/status/status.h>

#include "services/registry/store/registry_store.h"

namespace omninode::registry {

// Commits groups under one ownership and never goes on while it does not know what the store holds.
// Not thread-safe.
class GroupCommit final {
 public:
  // Called between attempts to learn an unknown outcome, with why the last one failed; returns
  // false to give up.
  using Wait = std::function<bool(const absl::Status& why)>;

  GroupCommit(RegistryStore& store, const Ownership& ownership, Wait wait)
      : store_(store), term_(ownership.term), seq_(ownership.seq), wait_(std::move(wait)) {}

  // OK: the group is durable. NOT_OWNER: another instance owns the shard, for good.
  // STORE_UNAVAILABLE: nothing of the group is or will become durable, or this instance stops
  // before it could find out.
  absl::Status Commit(std::span<const ChangeRecord> records);

  bool deposed() const { return deposed_; }
  std::uint64_t term() const { return term_; }
  std::uint64_t seq() const { return seq_; }

 private:
  absl::Status ResolveUnknown(const absl::Status& cause);

  RegistryStore& store_;
  const std::uint64_t term_;
  std::uint64_t seq_;
  const Wait wait_;
  bool deposed_ = false;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_SEQUENCER_GROUP_COMMIT_H_
