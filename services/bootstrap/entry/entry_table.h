#ifndef OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_TABLE_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_TABLE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <absl/status/statusor.h>

#include "common/identity/spiffe_id.h"
#include "services/bootstrap/entry/entry.h"

namespace omninode::bootstrap {

// All entries of one moment. Immutable; a change makes a new table that shares the entries. Safe to
// share between threads. Pointers to entries live as long as a table that has them.
class EntryTable final {
 public:
  static constexpr std::size_t kMaxEntries = 10'000;

  EntryTable() = default;
  // Fails with ENTRY_EXISTS when two entries have one id or one pattern, and ARGUMENT_INVALID
  // beyond kMaxEntries.
  static absl::StatusOr<EntryTable> Create(std::vector<Entry> entries);

  // The entry by which `id` may be issued: the one that matches with the longest literal prefix,
  // then most literal segments, then the smaller id. Null when none matches.
  const Entry* Match(const identity::SpiffeId& id) const;
  const Entry* Find(std::string_view entry_id) const;
  const Entry* FindPattern(const SpiffePattern& pattern) const;

  // Entries whose id is greater than `after`, by id, at most `max`.
  std::vector<Entry> Page(std::string_view after, std::size_t max) const;
  std::size_t size() const { return by_id_.size(); }

  // This table with one entry more, or with another in place of the one of the same id. As Create.
  absl::StatusOr<EntryTable> With(Entry entry) const;
  EntryTable Without(std::string_view entry_id) const;

 private:
  using EntryPtr = std::shared_ptr<const Entry>;

  absl::Status Add(Entry entry);

  std::map<std::string, EntryPtr, std::less<>> by_id_;
  std::unordered_map<std::string, EntryPtr> by_pattern_;
};

using EntryTablePtr = std::shared_ptr<const EntryTable>;

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ENTRY_ENTRY_TABLE_H_
