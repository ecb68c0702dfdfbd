#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

Columns EntryColumns() {
  return {{"entry_id", "ID"},
          {"spiffe_id_pattern", "PATTERN"},
          {"svid_ttl", "TTL"},
          {"dns_names", "DNS NAMES"},
          {"created_at", "CREATED"}};
}

Row EntryRow(const Entry& entry) {
  return {entry.entry_id,
          {entry.entry_id, entry.spiffe_id_pattern,
           entry.svid_ttl.has_value() ? Cell(*entry.svid_ttl) : Cell(), Texts(entry.dns_names),
           entry.created_at}};
}

absl::StatusOr<Rows> Create(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const Entry entry,
                        bootstrap->CreateEntry({.entry_id = "",
                                                .spiffe_id_pattern = args.Text("spiffe-id"),
                                                .svid_ttl = args.Duration("svid-ttl"),
                                                .dns_names = args.All("dns-name")}));
  return RecordOf(EntryColumns(), EntryRow(entry));
}

absl::StatusOr<Rows> Get(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const Entry entry, bootstrap->GetEntry(args.Text("ID")));
  return RecordOf(EntryColumns(), EntryRow(entry));
}

absl::StatusOr<Rows> List(Client& client, const Args&) {
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const std::vector<Entry> entries, bootstrap->ListEntries());
  std::vector<Row> rows;
  for (const Entry& entry : entries) rows.push_back(EntryRow(entry));
  return ListOf("entries", EntryColumns(), std::move(rows));
}

absl::StatusOr<Rows> Update(Client& client, const Args& args) {
  BootstrapAdmin::EntryChange change{.svid_ttl = args.Duration("svid-ttl")};
  if (args.Has("dns-name")) change.dns_names = args.All("dns-name");
  if (args.Has("no-dns-names")) {
    if (change.dns_names.has_value()) {
      return Reject(Reason::kArgumentInvalid, "--dns-name and --no-dns-names exclude each other");
    }
    change.dns_names.emplace();
  }
  if (!change.svid_ttl.has_value() && !change.dns_names.has_value()) {
    return Reject(Reason::kArgumentInvalid,
                  "say what to change: --svid-ttl, --dns-name or --no-dns-names");
  }
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const Entry entry, bootstrap->UpdateEntry(args.Text("ID"), change));
  return RecordOf(EntryColumns(), EntryRow(entry));
}

absl::StatusOr<Rows> Delete(Client& client, const Args& args) {
  const std::string id = args.Text("ID");
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_RETURN_IF_ERROR(bootstrap->DeleteEntry(id));
  return RecordOf({{"entry_id", "ID"}, {"deleted", "DELETED"}}, {id, {id, true}});
}

OptionSpec IdWord() { return {.name = "ID", .help = "the entry's id", .required = true}; }

OptionSpec TtlOption(std::string default_text) {
  return {.name = "--svid-ttl",
          .value = "DURATION",
          .help = "life of the identities issued by it",
          .kind = OptionKind::kDuration,
          .default_text = std::move(default_text)};
}

OptionSpec DnsOption() {
  return {.name = "--dns-name",
          .value = "NAME",
          .help = "DNS name to add to the certificates",
          .repeated = true};
}

}  // namespace

std::vector<Verb> EntryVerbs() {
  return {
      {.words = {"identity", "entry", "create"},
       .summary = "allow identities of a pattern to be issued",
       .details =
           "In the pattern whole path segments may be `*`. Of several entries that match, the\n"
           "one with the longest literal beginning counts.",
       .options = WithBootstrap({{.name = "--spiffe-id",
                                  .value = "PATTERN",
                                  .help = "a /node/ or /agent/ SPIFFE ID, segments may be *",
                                  .required = true},
                                 TtlOption("1h"),
                                 DnsOption()}),
       .examples = {{"identity entry create --spiffe-id "
                     "'spiffe://example.org/ns/tenant-a/node/*/*' --svid-ttl 30m",
                     "all nodes of tenant-a"}},
       .run = RunOnce(Create)},
      {.words = {"identity", "entry", "get"},
       .summary = "one entry",
       .options = WithBootstrap({IdWord()}),
       .examples = {{"identity entry get e-1", "by its id"}},
       .run = RunOnce(Get)},
      {.words = {"identity", "entry", "list"},
       .summary = "all entries",
       .options = WithBootstrap({}),
       .examples = {{"identity entry list -o json", "for programs"}},
       .run = RunOnce(List)},
      {.words = {"identity", "entry", "update"},
       .summary = "change an entry",
       .details = "Identities that were issued keep what they have until they are renewed.",
       .options = WithBootstrap({IdWord(),
                                 TtlOption(""),
                                 DnsOption(),
                                 {.name = "--no-dns-names",
                                  .help = "take all DNS names away",
                                  .kind = OptionKind::kFlag}}),
       .examples = {{"identity entry update e-1 --svid-ttl 30m", "shorter lives"}},
       .run = RunOnce(Update)},
      {.words = {"identity", "entry", "delete"},
       .summary = "issue and renew nothing more by an entry",
       .options = WithBootstrap({IdWord()}),
       .examples = {{"identity entry delete e-1", "identities end with their certificates"}},
       .run = RunOnce(Delete)},
  };
}

}  // namespace omninode::omnictl
