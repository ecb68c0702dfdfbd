#include "common/base/status.h"
#include "tools/omnictl/topology_rows.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

absl::StatusOr<Rows> Create(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceName::Parse(args.Text("NAMESPACE")));
  const node::NamespaceRules rules{
      .default_ttl = args.Duration("default-ttl").value_or(absl::ZeroDuration()),
      .min_ttl = args.Duration("min-ttl").value_or(absl::ZeroDuration()),
      .max_ttl = args.Duration("max-ttl").value_or(absl::ZeroDuration()),
      .max_nodes = args.Uint("max-nodes").value_or(0)};
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const node::NamespaceRecord record,
                        registry->CreateNamespace(ns, rules, client.NewRequestId()));
  return RecordOf(NamespaceColumns(), NamespaceRow(record));
}

absl::StatusOr<Rows> List(Client& client, const Args&) {
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const auto records, registry->ListNamespaces());
  std::vector<Row> rows;
  for (const node::NamespaceRecord& record : records) rows.push_back(NamespaceRow(record));
  return ListOf("namespaces", NamespaceColumns(), std::move(rows));
}

absl::StatusOr<Rows> Get(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName ns, NamespaceName::Parse(args.Text("NAMESPACE")));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const node::NamespaceRecord record, registry->GetNamespace(ns));
  return RecordOf(NamespaceColumns(), NamespaceRow(record));
}

OptionSpec NamespaceWord() { return {.name = "NAMESPACE", .help = "its name", .required = true}; }

OptionSpec TtlOption(std::string name, std::string help) {
  return {.name = std::move(name),
          .value = "DURATION",
          .help = std::move(help),
          .kind = OptionKind::kDuration};
}

}  // namespace

std::vector<Verb> NamespaceVerbs() {
  return {
      {.words = {"namespace", "create"},
       .summary = "make a namespace",
       .details = "What is not given takes the registry's default. The same command again changes\n"
                  "nothing and succeeds.",
       .options = WithRegistry({NamespaceWord(),
                                TtlOption("--default-ttl", "lease time of nodes that ask for none"),
                                TtlOption("--min-ttl", "shortest lease time a node may ask for"),
                                TtlOption("--max-ttl", "longest lease time a node may ask for"),
                                {.name = "--max-nodes",
                                 .value = "N",
                                 .help = "how many nodes it may have",
                                 .kind = OptionKind::kUint}}),
       .examples = {{"namespace create tenant-a", "with default limits"},
                    {"namespace create tenant-b --default-ttl 10s --max-nodes 500",
                     "with its own limits"}},
       .run = RunOnce(Create)},
      {.words = {"namespace", "list"},
       .summary = "all namespaces",
       .options = WithRegistry({}),
       .examples = {{"namespace list -o wide", "with their limits"}},
       .run = RunOnce(List)},
      {.words = {"namespace", "get"},
       .summary = "one namespace",
       .options = WithRegistry({NamespaceWord()}),
       .examples = {{"namespace get tenant-a", "its limits and position"}},
       .run = RunOnce(Get)},
  };
}

}  // namespace omninode::omnictl
