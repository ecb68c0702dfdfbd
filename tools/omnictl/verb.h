#ifndef OMNINODE_TOOLS_OMNICTL_VERB_H_
#define OMNINODE_TOOLS_OMNICTL_VERB_H_

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "tools/omnictl/args.h"
#include "tools/omnictl/client.h"
#include "tools/omnictl/rows.h"

// The program as a table: one row per verb is what is parsed, shown by --help, written to the
// reference page and run.
namespace omninode::omnictl {

// Answers once.
using RunOnce = std::function<absl::StatusOr<Rows>(Client&, const Args&)>;

// Answers row by row until it is done, fails, or `emit` fails (nobody reads any more): it returns
// that error then.
using Emit = std::function<absl::Status(const Row&)>;
struct Stream {
  Columns columns;
  std::function<absl::Status(Client&, const Args&, const Emit&)> run;
};

struct Example {
  std::string command;  // without "omnictl"
  std::string says;     // what it does, for the line above it
};

struct Verb {
  std::vector<std::string> words;  // {"identity", "token", "create"}
  std::string summary;             // one phrase without its full stop
  std::string details;             // paragraphs, wrapped; may be empty
  std::vector<OptionSpec> options;
  std::vector<Example> examples;
  std::variant<RunOnce, Stream> run;

  std::string Name() const;  // "identity token create"
};

// A word that has verbs below it.
struct Noun {
  std::vector<std::string> words;  // {"identity", "token"}
  std::string summary;
};

struct Program {
  std::vector<Noun> nouns;
  std::vector<Verb> verbs;
};

// All there is.
Program OmnictlProgram();

// By noun; for OmnictlProgram.
std::vector<Verb> NodeVerbs();
std::vector<Verb> TopologyVerbs();
std::vector<Verb> NamespaceVerbs();
std::vector<Verb> IdentityVerbs();
std::vector<Verb> EntryVerbs();
std::vector<Verb> RevocationVerbs();
std::vector<Verb> EnvelopeVerbs();
std::vector<Verb> CheckVerbs();

// Options that many verbs share. `own` come first.
OptionSpec NamespaceOption();
std::vector<OptionSpec> WithRegistry(std::vector<OptionSpec> own);
std::vector<OptionSpec> WithBootstrap(std::vector<OptionSpec> own);
std::vector<OptionSpec> WithOutput(std::vector<OptionSpec> own);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_VERB_H_
