#include "services/registry/departure/eviction_scan.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "services/registry/topology/sequence_rule.h"

namespace omninode::registry {

absl::Duration EvictionScan::Run(const identity::TrustStatePtr& trust) {
  // Asking again for what nobody has answered would only fill the queue.
  if (*waiting_ > 0) return kRetry;
  if (trust == nullptr || trust->revocations.size() == 0) return kSafety;
  std::vector<Submission> batch;
  for (const NamespaceSummary& ns : table_.ListNamespaces()) {
    const auto snapshot = table_.TakeSnapshot(ns.info.name);
    if (!snapshot.ok()) continue;
    snapshot->nodes.ForEach([&](const NodePtr& node) {
      const absl::Status verdict = CheckSigner(*trust, node->signer);
      if (verdict.ok()) return;
      batch.push_back({RemoveCommand{.node = node->view->ref(),
                                     .reason = directory::RemovalReason::kIdentityRevoked,
                                     .reason_text = std::string(Message(verdict)),
                                     .actor = actor_,
                                     .decision = {},
                                     .only_lease = node->lease,
                                     .request = std::nullopt},
                       [waiting = waiting_](const absl::StatusOr<Answer>&) { --*waiting; }});
    });
  }
  *waiting_ += batch.size();
  for (std::size_t first = 0; first < batch.size(); first += kBatch) {
    const auto begin = batch.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kBatch, batch.size() - first));
    sink_.Submit({std::make_move_iterator(begin), std::make_move_iterator(end)}, Urgency::kControl);
  }
  return batch.empty() ? kSafety : kRetry;
}

}  // namespace omninode::registry
