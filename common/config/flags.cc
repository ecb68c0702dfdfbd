#include "common/config/flags.h"

#include <algorithm>
#include <exception>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

// CLI11 reports by exceptions; none leaves this file. It splits the command line; what is unknown
// comes back as extras, so that the messages are ours.
namespace omninode::config {
namespace {

struct General {
  std::string config_path;
  bool check_config = false;
  bool help = false;
  bool version = false;
  bool reference = false;
};

Mode ModeOf(const General& general) {
  if (general.help) return Mode::kHelp;
  if (general.version) return Mode::kVersion;
  if (general.reference) return Mode::kReference;
  return general.check_config ? Mode::kCheckConfig : Mode::kRun;
}

// The arguments as CLI11 wants them: the last first, "--on" of a boolean with its value, and the
// empty value of "--key=" as an argument of its own, which CLI11 would call missing.
std::vector<std::string> Prepare(const Schema& schema, std::span<const char* const> args) {
  std::set<std::string, std::less<>> booleans;
  for (const Option& option : schema.options()) {
    if (option.type == OptionType::kBool) booleans.insert(FlagName(option.key));
  }
  std::vector<std::string> prepared;
  for (const std::string_view arg : args) {
    if (booleans.contains(arg)) {
      prepared.push_back(fmt::format("{}=true", arg));
    } else if (arg.starts_with("--") && arg.ends_with("=")) {
      prepared.emplace_back(arg.substr(0, arg.size() - 1));
      prepared.emplace_back();
    } else {
      prepared.emplace_back(arg);
    }
  }
  std::ranges::reverse(prepared);
  return prepared;
}

// Before CLI11, whose message names no more than the type.
absl::Status CheckValuesAreThere(const Schema& schema, std::span<const char* const> args) {
  std::set<std::string, std::less<>> valued = {"--config"};
  for (const Option& option : schema.options()) {
    if (option.type != OptionType::kBool && !option.secret) valued.insert(FlagName(option.key));
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!valued.contains(std::string_view(args[i]))) continue;
    if (i + 1 == args.size() || std::string_view(args[i + 1]).starts_with("--")) {
      return Reject(Reason::kArgumentInvalid, "{} needs a value; --help shows what is possible",
                    args[i]);
    }
    ++i;
  }
  return absl::OkStatus();
}

absl::Status UnknownFlag(const Schema& schema, std::string_view argument) {
  const std::string flag(argument.substr(0, argument.find('=')));
  std::vector<std::string> known = {"--config", "--check-config", "--help", "--version",
                                    "--reference"};
  for (const Option& option : schema.options()) {
    if (!option.secret) {
      known.push_back(FlagName(option.key));
    } else if (FlagName(option.key) == flag) {
      return Reject(Reason::kArgumentInvalid,
                    "{} is a secret and would show in the list of processes; set {} in the "
                    "configuration file",
                    flag, option.key);
    }
  }
  const auto nearest = Nearest(flag, known);
  return Reject(Reason::kArgumentInvalid, "unknown flag {}; {}", EscapeForDisplay(flag, 128),
                nearest ? fmt::format("did you mean {}?", *nearest) : "--help lists them");
}

absl::StatusOr<std::string> VerbOf(const Schema& schema, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.starts_with("-") && word != "-") return UnknownFlag(schema, word);
  }
  std::vector<std::string> names;
  for (const Verb& verb : schema.verbs()) names.push_back(verb.name);
  if (words.empty()) return names.empty() ? "" : names.front();
  if (names.empty()) {
    return Reject(Reason::kArgumentInvalid, "unexpected word '{}'; --help shows what is possible",
                  EscapeForDisplay(words.front(), 64));
  }
  if (words.size() > 1 || std::ranges::find(names, words.front()) == names.end()) {
    return Reject(Reason::kArgumentInvalid, "unexpected word '{}'; expected one of {}",
                  EscapeForDisplay(words.back(), 64), Join(names, ", "));
  }
  return words.front();
}

}  // namespace

absl::StatusOr<Flags> ParseFlags(const Schema& schema, std::span<const char* const> args) {
  General general;
  std::map<std::string, std::vector<std::string>> texts;
  CLI::App app;
  Flags flags;
  OMNI_RETURN_IF_ERROR(CheckValuesAreThere(schema, args));
  try {
    app.set_help_flag();
    app.allow_extras();
    app.add_option("--config", general.config_path);
    app.add_flag("--check-config", general.check_config);
    app.add_flag("-h,--help", general.help);
    app.add_flag("--version", general.version);
    app.add_flag("--reference", general.reference);
    for (const Option& option : schema.options()) {
      if (option.secret) continue;
      app.add_option(FlagName(option.key), texts[option.key])->allow_extra_args(false)->take_all();
    }
    app.parse(Prepare(schema, args));
    OMNI_ASSIGN_OR_RETURN(flags.verb, VerbOf(schema, app.remaining()));
  } catch (const std::exception& e) {
    // CLI::Error, and what the standard library says to "--help=abc".
    return Reject(Reason::kArgumentInvalid, "{}; --help shows what is possible",
                  EscapeForDisplay(e.what(), 256));
  }
  flags.mode = ModeOf(general);
  flags.config_path = std::move(general.config_path);
  for (auto& [key, given] : texts) {
    if (!given.empty()) flags.values.emplace(key, RawValue{std::move(given)});
  }
  return flags;
}

}  // namespace omninode::config
