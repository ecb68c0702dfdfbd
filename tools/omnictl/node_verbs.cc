#include <optional>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/introspection_file.h"
#include "tools/omnictl/topology_rows.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

absl::StatusOr<directory::NodeRef> NodeRefOf(const Args& args) {
  OMNI_ASSIGN_OR_RETURN(NamespaceName ns, NamespaceOf(args));
  OMNI_ASSIGN_OR_RETURN(NodeId id, NodeId::Parse(args.Text("ID")));
  return directory::NodeRef{std::move(ns), std::move(id)};
}

// The registry's message names the node alone, and many namespaces have a w1.
absl::Status NamingNamespace(const absl::Status& status, const NamespaceName& ns) {
  if (ReasonOf(status) != Reason::kNodeUnknown) return status;
  return WithAdvice(
      Annotate(status, fmt::format("namespace '{}'", ns.value())),
      fmt::format("list its nodes with `omnictl node list --namespace {}`, or name another one "
                  "with --namespace",
                  ns.value()));
}

absl::StatusOr<Rows> List(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceOf(args));
  std::vector<NodeType> types;
  for (const std::string& text : args.All("type")) {
    OMNI_ASSIGN_OR_RETURN(NodeType type, NodeType::Parse(text));
    types.push_back(std::move(type));
  }
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const node::NodeList list, registry->ListNodes(ns, types));
  return NodeRows(list.nodes, list.position);
}

absl::StatusOr<Rows> Get(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const directory::NodeRef ref, NodeRefOf(args));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  const auto record = registry->GetNode(ref, args.Has("with-evidence"));
  if (!record.ok()) return NamingNamespace(record.status(), ref.ns);
  return RecordOf(NodeColumns(), NodeRow(*record));
}

absl::StatusOr<Rows> Deregister(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const directory::NodeRef ref, NodeRefOf(args));
  const std::string reason = args.Text("reason-text");
  OMNI_RETURN_IF_ERROR(directory::CheckReasonText(reason));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  const auto tombstone = registry->RemoveNode(ref, reason, client.NewRequestId());
  if (!tombstone.ok()) return NamingNamespace(tombstone.status(), ref.ns);
  return RecordOf(TombstoneColumns(), TombstoneRow(*tombstone));
}

absl::StatusOr<Rows> Tombstones(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceOf(args));
  std::optional<NodeId> id;
  if (args.Has("id")) {
    OMNI_ASSIGN_OR_RETURN(id, NodeId::Parse(args.Text("id")));
  }
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const auto tombstones,
                        registry->ListTombstones(ns, id, *args.Uint("limit")));
  Rows rows = ListOf("tombstones", TombstoneColumns(), {});
  // A list has no room for all that a record shows.
  for (Column& column : rows.columns) {
    if (column.key == "namespace" || column.key == "final_health") column.shown = Shown::kWide;
  }
  for (const directory::Tombstone& tombstone : tombstones) {
    rows.rows.push_back(TombstoneRow(tombstone));
  }
  return rows;
}

Columns EventColumns() {
  return {{"time", "TIME", Shown::kAlways, 24},
          {"event", "EVENT", Shown::kAlways, 13},
          {"position", "POSITION", Shown::kAlways, 10},
          {"detail", "DETAIL"},
          {"reason", "REASON", Shown::kJson}};
}

absl::Status RunVerb(Client& client, const Args& args, const Emit& emit) {
  const NodeRunOptions options{.identity_dir = args.Text("identity"),
                               .token_file = args.Text("token"),
                               .registry = args.Text("registry"),
                               .ready_file = args.Text("ready-file"),
                               .timeout = *args.Duration("timeout"),
                               .describe = [&args] { return DescribeNode(args); }};
  return client.RunNode(options, [&](const NodeEvent& event) {
    return emit({event.event,
                 {event.time, event.event, event.position.empty() ? Cell() : Cell(event.position),
                  event.detail, event.reason.empty() ? Cell() : Cell(event.reason)}});
  });
}

OptionSpec IdWord() { return {.name = "ID", .help = "the node's id", .required = true}; }

OptionSpec PairOption(std::string name, std::string value, std::string help) {
  return {.name = std::move(name),
          .value = std::move(value),
          .help = std::move(help),
          .kind = OptionKind::kPair,
          .repeated = true};
}

std::vector<OptionSpec> RunOptions() {
  return WithOutput(
      {{.name = "--type", .value = "TYPE", .help = "node type"},
       {.name = "--id", .value = "ID", .help = "node id"},
       {.name = "--namespace", .value = "NS", .help = "namespace; without it and a file: default"},
       PairOption("--endpoint", "NAME=URL", "where it can be reached"),
       PairOption("--capability", "NAME=VALUE", "what it can do"),
       PairOption("--label", "NAME=VALUE", "what it is selected by"),
       {.name = "--epoch", .value = "EPOCH", .help = "deployment generation"},
       {.name = "--node-version", .value = "VERSION", .help = "version of its software"},
       {.name = "--ttl",
        .value = "DURATION",
        .help = "lease time to ask for; without it: the namespace's",
        .kind = OptionKind::kDuration},
       {.name = "--introspection",
        .value = "FILE",
        .help = "YAML or JSON description; options override it; read again at SIGHUP"},
       {.name = "--identity",
        .value = "DIR",
        .help = "identity folder of the node; OMNINODE_IDENTITY is not for nodes"},
       {.name = "--token",
        .value = "FILE",
        .help = "join token to use when there is no valid identity"},
       {.name = "--ready-file",
        .value = "FILE",
        .help = "write {pid, position} there once it is registered"},
       {.name = "--registry",
        .value = "HOST:PORT",
        .help = "address of the registry service (default: the network's)",
        .kind = OptionKind::kAddress},
       {.name = "--timeout",
        .value = "DURATION",
        .help = "how long joining, and leaving, may take",
        .kind = OptionKind::kDuration,
        .default_text = "20s"}});
}

}  // namespace

std::vector<Verb> NodeVerbs() {
  return {
      {.words = {"node", "run"},
       .summary = "be a node: join, register, stay, leave",
       .details =
           "Runs in the foreground and prints one row per event. Ctrl-C or SIGTERM leaves with a\n"
           "signed tombstone. With --identity DIR key and identity are kept there for the next "
           "run;\n"
           "without it they live in memory. Exit code 77 when the identity is revoked, banned or\n"
           "has expired: it cannot recover by itself. The file of --introspection is described in\n"
           "docs/reference/introspection-file.md.",
       .options = RunOptions(),
       .examples = {{"node run --type worker --id w1 --endpoint grpc=grpcs://10.0.0.7:8443 "
                     "--token w1.token",
                     "join with a token and register"},
                    {"node run --introspection w1.yaml --identity w1", "again, from its folder"}},
       .run = Stream{EventColumns(), RunVerb}},
      {.words = {"node", "list"},
       .summary = "live nodes of a namespace",
       .options = WithRegistry({NamespaceOption(),
                                {.name = "--type",
                                 .value = "TYPE",
                                 .help = "only nodes of this type, or one of these",
                                 .repeated = true}}),
       .examples = {{"node list --namespace tenant-a --type worker -o wide",
                     "workers, all columns"},
                    {"node list --namespace system", "the services themselves"}},
       .run = RunOnce(List)},
      {.words = {"node", "get"},
       .summary = "one live node",
       .options = WithRegistry({IdWord(),
                                NamespaceOption(),
                                {.name = "--with-evidence",
                                 .help = "with what the node signed (-o json)",
                                 .kind = OptionKind::kFlag}}),
       .examples = {{"node get w1 --namespace tenant-a", "all about w1"}},
       .run = RunOnce(Get)},
      {.words = {"node", "deregister"},
       .summary = "remove a node by the word of an administrator",
       .details = "The node may register again; to keep it out, ban its identity.",
       .options =
           WithRegistry({IdWord(),
                         NamespaceOption(),
                         {.name = "--reason-text", .value = "TEXT", .help = "why, for people"}}),
       .examples = {{"node deregister w1 --namespace tenant-a --reason-text 'host is gone'",
                     "remove w1"}},
       .run = RunOnce(Deregister)},
      {.words = {"node", "tombstones"},
       .summary = "nodes that left a namespace or were removed, newest first",
       .options = WithRegistry({NamespaceOption(),
                                {.name = "--id", .value = "ID", .help = "only of this node"},
                                {.name = "--limit",
                                 .value = "N",
                                 .help = "at most so many",
                                 .kind = OptionKind::kUint,
                                 .default_text = "100"}}),
       .examples = {{"node tombstones --namespace tenant-a --id w1", "why w1 is gone"},
                    {"node tombstones --limit 1000 -o json", "for programs"}},
       .run = RunOnce(Tombstones)},
  };
}

}  // namespace omninode::omnictl
