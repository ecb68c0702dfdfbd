#include "services/registry/departure/revocation_evictor.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "services/registry/topology/sequence_rule.h"

namespace omninode::registry {
namespace {

// A refused removal (store away, queue full) is asked for again this soon.
constexpr absl::Duration kRetry = absl::Milliseconds(500);
// A scan that found nothing to do is repeated this seldom, for nodes that entered while the trust
// change was on its way.
constexpr absl::Duration kSafetyScan = absl::Seconds(5);
constexpr std::size_t kBatch = 256;

}  // namespace

RevocationEvictor::RevocationEvictor(identity::TrustSource& trust, const TopologyTable& table,
                                     CommandSink& sink, std::string actor)
    : trust_(trust),
      table_(table),
      sink_(sink),
      actor_(std::move(actor)),
      task_("evictor", [this] { return Step(); }),
      subscription_(trust.Subscribe([this](const auto&) { task_.Kick(); })) {}

absl::Duration RevocationEvictor::Step() {
  const auto trust = trust_.Current();
  if (trust == nullptr || trust->revocations.size() == 0) return kSafetyScan;
  const bool failed_before = failed_->exchange(false);
  std::vector<Submission> batch;
  for (const NamespaceSummary& ns : table_.ListNamespaces()) {
    const auto snapshot = table_.TakeSnapshot(ns.info.name);
    if (!snapshot.ok()) continue;
    snapshot->nodes.ForEach([&](const NodePtr& node) {
      const absl::Status verdict = CheckSigner(*trust, node->signer);
      if (verdict.ok()) return;
      batch.push_back({RemoveCommand{.node = node->view->ref(),
                                     .reason = directory::RemovalReason::kIdentityRevoked,
                                     .reason_text = std::string(verdict.message()),
                                     .actor = actor_,
                                     .decision = {},
                                     .only_lease = node->lease,
                                     .request = std::nullopt},
                       [failed = failed_](const absl::StatusOr<Answer>& answer) {
                         if (!answer.ok()) *failed = true;
                       }});
    });
  }
  // In pieces: a queue takes a batch whole or not at all.
  for (std::size_t first = 0; first < batch.size(); first += kBatch) {
    const auto begin = batch.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(kBatch, batch.size() - first));
    sink_.Submit({std::make_move_iterator(begin), std::make_move_iterator(end)}, Urgency::kControl);
  }
  return failed_before || *failed_ ? kRetry : kSafetyScan;
}

}  // namespace omninode::registry
