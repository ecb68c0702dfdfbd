#include "tools/omnictl/verb.h"

#include <iterator>
#include <utility>

#include "common/base/text.h"

namespace omninode::omnictl {
namespace {

OptionSpec IdentityOption() {
  return {.name = "--identity",
          .value = "DIR",
          .help = "identity folder to connect with",
          .environment = "OMNINODE_IDENTITY"};
}

OptionSpec TimeoutOption() {
  return {.name = "--timeout",
          .value = "DURATION",
          .help = "how long to wait for an answer",
          .kind = OptionKind::kDuration,
          .default_text = "10s"};
}

OptionSpec AddressOption(std::string name, std::string_view service) {
  return {.name = std::move(name),
          .value = "HOST:PORT",
          .help = fmt::format("address of the {} service (default: those in the identity folder)",
                              service),
          .kind = OptionKind::kAddress};
}

void Append(std::vector<Verb>* all, std::vector<Verb> more) {
  all->insert(all->end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

}  // namespace

std::string Verb::Name() const { return Join(words, " "); }

OptionSpec NamespaceOption() {
  return {.name = "--namespace", .value = "NS", .help = "namespace", .default_text = "default"};
}

std::vector<OptionSpec> WithOutput(std::vector<OptionSpec> own) {
  own.push_back({.name = "-o,--output",
                 .value = "FORMAT",
                 .help = "table, wide (more columns), json, or name (names only)",
                 .kind = OptionKind::kChoice,
                 .default_text = "table",
                 .choices = {"table", "wide", "json", "name"}});
  return own;
}

std::vector<OptionSpec> WithRegistry(std::vector<OptionSpec> own) {
  own.push_back(IdentityOption());
  own.push_back(AddressOption("--registry", "registry"));
  own.push_back(TimeoutOption());
  return WithOutput(std::move(own));
}

std::vector<OptionSpec> WithBootstrap(std::vector<OptionSpec> own) {
  own.push_back(IdentityOption());
  own.push_back(AddressOption("--bootstrap", "bootstrap"));
  own.push_back(TimeoutOption());
  return WithOutput(std::move(own));
}

Program OmnictlProgram() {
  Program program;
  program.nouns = {
      {{"node"}, "nodes of a namespace"},
      {{"topology"}, "the nodes of a namespace and how they change"},
      {{"namespace"}, "tenants of the network"},
      {{"identity"}, "who is who: certificates, tokens, entries, revocations"},
      {{"identity", "token"}, "join tokens for newcomers"},
      {{"identity", "entry"}, "rules that say which identities may be issued"},
      {{"identity", "svid"}, "identities on this machine"},
      {{"envelope"}, "signed messages of nodes"},
  };
  Append(&program.verbs, NodeVerbs());
  Append(&program.verbs, TopologyVerbs());
  Append(&program.verbs, NamespaceVerbs());
  Append(&program.verbs, IdentityVerbs());
  Append(&program.verbs, EntryVerbs());
  Append(&program.verbs, RevocationVerbs());
  Append(&program.verbs, EnvelopeVerbs());
  Append(&program.verbs, CheckVerbs());
  return program;
}

}  // namespace omninode::omnictl
