#include "services/bootstrap/desk/entry_desk.h"

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/random.h"
#include "services/bootstrap/issuance/issue_rules.h"

namespace omninode::bootstrap {
namespace {

constexpr std::string_view kList = "entries";
constexpr std::size_t kShownBytes = 64;

absl::StatusOr<Entry> FindEntry(const EntryTable& table, std::string_view entry_id) {
  const Entry* entry = table.Find(entry_id);
  if (entry != nullptr) return *entry;
  return Reject(Reason::kObjectUnknown, "there is no entry {}",
                EscapeForDisplay(entry_id, kShownBytes));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EntryDesk>> EntryDesk::Create(Deps deps) {
  std::unique_ptr<EntryDesk> desk(new EntryDesk(std::move(deps)));
  OMNI_RETURN_IF_ERROR(desk->StoredTable().status());
  return desk;
}

absl::Status EntryDesk::Reload() {
  OMNI_ASSIGN_OR_RETURN(std::vector<Entry> entries, deps_.store.LoadEntries(deps_.trust_domain));
  OMNI_ASSIGN_OR_RETURN(EntryTable table, EntryTable::Create(std::move(entries)));
  table_.Store(std::make_shared<const EntryTable>(std::move(table)));
  must_reload_ = false;
  return absl::OkStatus();
}

absl::StatusOr<EntryTablePtr> EntryDesk::StoredTable() {
  if (must_reload_) OMNI_RETURN_IF_ERROR(Reload());
  return Table();
}

absl::Status EntryDesk::Commit(EntryTable next, absl::FunctionRef<absl::Status()> write) {
  const absl::Status written = write();
  if (written.ok()) {
    table_.Store(std::make_shared<const EntryTable>(std::move(next)));
    return absl::OkStatus();
  }
  // It may have happened. What is issued must follow what is stored, so look now; if that fails
  // too, the next change looks first.
  must_reload_ = true;
  (void)Reload();
  return written;
}

absl::StatusOr<Entry> EntryDesk::CreateEntry(const EntrySpec& spec) {
  OMNI_ASSIGN_OR_RETURN(SpiffePattern pattern,
                        SpiffePattern::Parse(spec.pattern, deps_.trust_domain));
  OMNI_ASSIGN_OR_RETURN(Entry entry, Entry::Create({.id = crypto::RandomUuid(),
                                                    .pattern = std::move(pattern),
                                                    .svid_ttl = spec.svid_ttl,
                                                    .dns_names = spec.dns_names,
                                                    .created_at = deps_.clock.Now()},
                                                   deps_.min_svid_ttl));
  const Turnstile::Turn turn(turnstile_);
  OMNI_ASSIGN_OR_RETURN(const EntryTablePtr table, StoredTable());
  if (const Entry* existing = table->FindPattern(entry.pattern()); existing != nullptr) {
    if (existing->SameRuleAs(entry)) return *existing;
    return Reject(Reason::kEntryExists, "entry {} has this pattern with other properties",
                  existing->id());
  }
  OMNI_ASSIGN_OR_RETURN(EntryTable next, table->With(entry));
  OMNI_RETURN_IF_ERROR(Commit(std::move(next), [&] { return deps_.store.PutEntry(entry); }));
  return entry;
}

absl::StatusOr<Entry> EntryDesk::GetEntry(std::string_view entry_id) const {
  return FindEntry(*Table(), entry_id);
}

absl::StatusOr<Page<Entry>> EntryDesk::ListEntries(const PageRequest& request) const {
  OMNI_ASSIGN_OR_RETURN(const std::string after, ReadPageToken(kList, request));
  const std::size_t size = PageSizeOf(request);
  Page<Entry> page{.items = Table()->Page(after, size + 1)};
  if (page.items.size() > size) {
    page.items.pop_back();
    page.next_token = MakePageToken(kList, page.items.back().id());
  }
  return page;
}

absl::StatusOr<Entry> EntryDesk::UpdateEntry(std::string_view entry_id, const EntryUpdate& update) {
  const Turnstile::Turn turn(turnstile_);
  OMNI_ASSIGN_OR_RETURN(const EntryTablePtr table, StoredTable());
  OMNI_ASSIGN_OR_RETURN(const Entry before, FindEntry(*table, entry_id));
  Entry::Fields fields = before.fields();
  fields.svid_ttl = update.svid_ttl.value_or(fields.svid_ttl);
  fields.dns_names = update.dns_names.value_or(fields.dns_names);
  OMNI_ASSIGN_OR_RETURN(Entry entry, Entry::Create(std::move(fields), deps_.min_svid_ttl));
  OMNI_ASSIGN_OR_RETURN(EntryTable next, table->With(entry));
  OMNI_RETURN_IF_ERROR(Commit(std::move(next), [&] { return deps_.store.PutEntry(entry); }));
  return entry;
}

absl::Status EntryDesk::DeleteEntry(std::string_view entry_id) {
  const Turnstile::Turn turn(turnstile_);
  OMNI_ASSIGN_OR_RETURN(const EntryTablePtr table, StoredTable());
  OMNI_ASSIGN_OR_RETURN(const Entry entry, FindEntry(*table, entry_id));
  return Commit(table->Without(entry_id), [&] { return deps_.store.DeleteEntry(entry.id()); });
}

absl::StatusOr<NewJoinToken> EntryDesk::CreateJoinToken(std::string_view spiffe_id,
                                                        std::optional<absl::Duration> ttl,
                                                        const std::string& actor) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, identity::SpiffeId::Parse(spiffe_id));
  OMNI_RETURN_IF_ERROR(CheckIssuable(IssuePath::kAttested, id, deps_.trust_domain).status());
  if (Table()->Match(id) == nullptr) {
    return Reject(Reason::kEntryMissing, "no entry matches this identity; create one first");
  }
  OMNI_RETURN_IF_ERROR(CheckNotBanned(id, deps_.ledger.Current()->revocations));
  OMNI_ASSIGN_OR_RETURN(NewJoinToken made, MakeJoinToken(id, ttl, actor, deps_.clock.Now()));
  OMNI_RETURN_IF_ERROR(deps_.store.AddToken(made.token));
  return made;
}

}  // namespace omninode::bootstrap
