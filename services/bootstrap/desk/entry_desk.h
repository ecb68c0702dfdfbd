#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_ENTRY_DESK_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_ENTRY_DESK_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/concurrency/snapshot.h"
#include "common/identity/spiffe_id.h"
#include "common/time/clock.h"
#include "services/bootstrap/attestation/join_token.h"
#include "services/bootstrap/desk/page.h"
#include "services/bootstrap/entry/entry_table.h"
#include "services/bootstrap/store/bootstrap_store.h"
#include "services/bootstrap/trust/trust_ledger.h"
#include "services/bootstrap/trust/turnstile.h"

namespace omninode::bootstrap {

// Administers entries and join tokens. Thread-safe; changes wait for each other, readers of the
// table never. Everything in Deps outlives it. Methods fail as EntryService documents.
class EntryDesk final {
 public:
  struct Deps {
    identity::TrustDomain trust_domain;
    BootstrapStore& store;
    const TrustLedger& ledger;
    const Clock& clock;
    absl::Duration min_svid_ttl = kDefaultMinSvidTtl;
  };
  // Reads the entries.
  static absl::StatusOr<std::unique_ptr<EntryDesk>> Create(Deps deps);

  // The entries that are stored; never null.
  EntryTablePtr Table() const { return table_.Load(); }

  struct EntrySpec {
    std::string pattern;
    absl::Duration svid_ttl;
    std::vector<std::string> dns_names;
  };
  // An entry with the same pattern and properties is answered with the one that exists.
  absl::StatusOr<Entry> CreateEntry(const EntrySpec& spec);
  absl::StatusOr<Entry> GetEntry(std::string_view entry_id) const;
  absl::StatusOr<Page<Entry>> ListEntries(const PageRequest& request) const;

  struct EntryUpdate {  // nullopt: stays
    std::optional<absl::Duration> svid_ttl;
    std::optional<std::vector<std::string>> dns_names;
  };
  absl::StatusOr<Entry> UpdateEntry(std::string_view entry_id, const EntryUpdate& update);
  absl::Status DeleteEntry(std::string_view entry_id);

  // A token for one node or agent that has an entry and is not banned. The caller wipes the seed.
  absl::StatusOr<NewJoinToken> CreateJoinToken(std::string_view spiffe_id,
                                               std::optional<absl::Duration> ttl,
                                               const std::string& actor);

 private:
  explicit EntryDesk(Deps deps) : deps_(std::move(deps)) {}

  absl::Status Reload();
  // Stores by `write`, then publishes `next`. In the caller's turn.
  absl::Status Commit(EntryTable next, absl::FunctionRef<absl::Status()> write);
  absl::StatusOr<EntryTablePtr> StoredTable();

  const Deps deps_;
  Snapshot<EntryTable> table_;
  Turnstile turnstile_;
  bool must_reload_ = true;  // touched in turns only: a write may or may not have happened
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_ENTRY_DESK_H_
