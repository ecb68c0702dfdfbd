#include "services/bootstrap/entry/entry_table.h"

#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"

namespace omninode::bootstrap {
namespace {

bool WinsOver(const Entry& a, const Entry& b) {
  const SpiffePattern& pa = a.pattern();
  const SpiffePattern& pb = b.pattern();
  if (pa.literal_prefix() != pb.literal_prefix()) return pa.literal_prefix() > pb.literal_prefix();
  if (pa.literals() != pb.literals()) return pa.literals() > pb.literals();
  return a.id() < b.id();
}

}  // namespace

absl::StatusOr<EntryTable> EntryTable::Create(std::vector<Entry> entries) {
  EntryTable table;
  for (Entry& entry : entries) OMNI_RETURN_IF_ERROR(table.Add(std::move(entry)));
  return table;
}

absl::Status EntryTable::Add(Entry entry) {
  if (by_id_.size() >= kMaxEntries) {
    return Reject(Reason::kArgumentInvalid, "there are {} entries already, more are not allowed",
                  kMaxEntries);
  }
  const auto shared = std::make_shared<const Entry>(std::move(entry));
  const auto [same, added] = by_pattern_.emplace(shared->pattern().ToString(), shared);
  if (!added) {
    return Reject(Reason::kEntryExists, "entry {} has the pattern {}", same->second->id(),
                  shared->pattern().ToString());
  }
  if (!by_id_.emplace(shared->id(), shared).second) {
    return Reject(Reason::kEntryExists, "there is an entry {}", shared->id());
  }
  return absl::OkStatus();
}

const Entry* EntryTable::Match(const identity::SpiffeId& id) const {
  const Entry* best = nullptr;
  for (const std::string& pattern : PatternsMatching(id)) {
    const auto found = by_pattern_.find(pattern);
    if (found == by_pattern_.end()) continue;
    if (best == nullptr || WinsOver(*found->second, *best)) best = found->second.get();
  }
  return best;
}

const Entry* EntryTable::Find(std::string_view entry_id) const {
  const auto found = by_id_.find(entry_id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

const Entry* EntryTable::FindPattern(const SpiffePattern& pattern) const {
  const auto found = by_pattern_.find(pattern.ToString());
  return found == by_pattern_.end() ? nullptr : found->second.get();
}

std::vector<Entry> EntryTable::Page(std::string_view after, std::size_t max) const {
  std::vector<Entry> page;
  for (auto at = by_id_.upper_bound(after); at != by_id_.end() && page.size() < max; ++at) {
    page.push_back(*at->second);
  }
  return page;
}

absl::StatusOr<EntryTable> EntryTable::With(Entry entry) const {
  EntryTable table = Without(entry.id());
  OMNI_RETURN_IF_ERROR(table.Add(std::move(entry)));
  return table;
}

EntryTable EntryTable::Without(std::string_view entry_id) const {
  EntryTable table = *this;
  const auto found = table.by_id_.find(entry_id);
  if (found == table.by_id_.end()) return table;
  table.by_pattern_.erase(found->second->pattern().ToString());
  table.by_id_.erase(found);
  return table;
}

}  // namespace omninode::bootstrap
