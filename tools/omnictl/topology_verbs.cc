#include <optional>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/topology_rows.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

absl::StatusOr<Rows> Get(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceOf(args));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const node::TopologySnapshot snapshot, registry->GetTopology(ns));
  return TopologyRows(snapshot);
}

absl::Status Watch(Client& client, const Args& args, const Emit& emit) {
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceOf(args));
  WatchOptions options{.ns = std::move(ns),
                       .filter = {.node_types = args.All("type"),
                                  .labels = args.All("label"),
                                  .epochs = args.All("epoch")},
                       .since = args.Position("since"),
                       .with_evidence = args.Has("with-evidence")};
  OMNI_RETURN_IF_ERROR(directory::WatchFilter::Create(options.filter).status());
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  std::optional<directory::Position> last = options.since;
  bool reader_left = false;
  const absl::Status ended = registry->Watch(options, [&](const node::TopologyEvent& event) {
    for (const Row& row : WatchRows(event)) {
      if (absl::Status shown = emit(row); !shown.ok()) {
        reader_left = true;
        return shown;
      }
    }
    if (const auto position = PositionAfter(event)) last = position;
    return absl::OkStatus();
  });
  if (ended.ok() || reader_left || !last.has_value()) return ended;
  const absl::Status told = Annotate(ended, "the watch ended after " + last->ToString());
  const auto reason = ReasonOf(ended);
  if (reason.has_value() && !RowOf(*reason).retry_helps) return told;
  return WithAdvice(told, "resume with --since " + last->ToString());
}

absl::StatusOr<Rows> Wait(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceOf(args));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  const directory::Position wanted = *args.Position("position");
  OMNI_ASSIGN_OR_RETURN(const directory::Position reached, registry->WaitForVersion(ns, wanted));
  return RecordOf(
      {{"namespace", "NAMESPACE"}, {"waited_for", "WAITED FOR"}, {"position", "POSITION"}},
      {reached.ToString(), {ns.value(), wanted.ToString(), reached.ToString()}});
}

}  // namespace

std::vector<Verb> TopologyVerbs() {
  return {
      {.words = {"topology", "get"},
       .summary = "all nodes of a namespace at one position",
       .details = "Unlike `node list`, the answer is of one moment, and has the hash by which two\n"
                  "readers can tell that they see the same.",
       .options = WithRegistry({NamespaceOption()}),
       .examples = {{"topology get --namespace tenant-a", "the topology of tenant-a"},
                    {"topology get -o json", "for programs"}},
       .run = RunOnce(Get)},
      {.words = {"topology", "watch"},
       .summary = "the nodes of a namespace, then every change as it happens",
       .details =
           "Begins with a snapshot, or after a position that an earlier watch with the same\n"
           "filter showed. Prints one row per node or change, one JSON object per line with\n"
           "-o json. Runs until Ctrl-C; when the stream ends, the error names the position to\n"
           "resume from.",
       .options = WithRegistry(
           {NamespaceOption(),
            {.name = "--since",
             .value = "POSITION",
             .help = "resume after this position instead of beginning with a snapshot",
             .kind = OptionKind::kPosition},
            {.name = "--type",
             .value = "TYPE",
             .help = "only nodes of this type, or one of these",
             .repeated = true},
            {.name = "--label",
             .value = "NAME=VALUE",
             .help = "only nodes with this label, and all of these",
             .kind = OptionKind::kPair,
             .repeated = true},
            {.name = "--epoch",
             .value = "EPOCH",
             .help = "only nodes of this epoch, or one of these",
             .repeated = true},
            {.name = "--with-evidence",
             .help = "show what the nodes signed (-o json), and changes of nothing else",
             .kind = OptionKind::kFlag}}),
       .examples = {{"topology watch --namespace tenant-a", "follow tenant-a"},
                    {"topology watch --since 1:42 --type worker -o json",
                     "changes of workers after 1:42, for programs"}},
       .run = Stream{WatchColumns(), Watch}},
      {.words = {"topology", "wait"},
       .summary = "wait until the registry shows a position",
       .details = "Waits at most --timeout; exit code 75 when that was not enough.",
       .options = WithRegistry({NamespaceOption(),
                                {.name = "--position",
                                 .value = "POSITION",
                                 .help = "position to wait for, as other commands print it",
                                 .kind = OptionKind::kPosition,
                                 .required = true}}),
       .examples = {{"topology wait --position 1:42 --timeout 30s", "read your own write"}},
       .run = RunOnce(Wait)},
  };
}

}  // namespace omninode::omnictl
