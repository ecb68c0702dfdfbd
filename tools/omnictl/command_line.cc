#include "tools/omnictl/command_line.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "tools/omnictl/error_line.h"

// CLI11 reports by exceptions; none leaves this file. It splits the options of the one verb that
// the words before them name; what a value may be is judged by CheckOption.
namespace omninode::omnictl {
namespace {

constexpr std::size_t kShownBytes = 64;

bool StartsWith(const std::vector<std::string>& words, const std::vector<std::string>& start) {
  return words.size() >= start.size() && std::equal(start.begin(), start.end(), words.begin());
}

// What may follow `words`: "list, get".
std::string NextWords(const Program& program, const std::vector<std::string>& words) {
  std::vector<std::string> next;
  for (const Verb& verb : program.verbs) {
    if (verb.words.size() <= words.size() || !StartsWith(verb.words, words)) continue;
    const std::string& word = verb.words[words.size()];
    if (std::ranges::find(next, word) == next.end()) next.push_back(word);
  }
  return Join(next, ", ");
}

const Verb* FindVerb(const Program& program, const std::vector<std::string>& words) {
  const auto it = std::ranges::find(program.verbs, words, &Verb::words);
  return it == program.verbs.end() ? nullptr : &*it;
}

std::string HelpCommand(const std::vector<std::string>& words) {
  return fmt::format("omnictl {}{}--help", Join(words, " "), words.empty() ? "" : " ");
}

absl::Status Usage(const std::vector<std::string>& words, std::string_view problem) {
  return WithAdvice(Reject(Reason::kArgumentInvalid, "{}", problem),
                    fmt::format("see `{}`", HelpCommand(words)));
}

// The longest row of words at the front that leads to a verb or on the way to one.
std::vector<std::string> LeadingWords(const Program& program, std::span<const std::string> args) {
  std::vector<std::string> words;
  for (const std::string& arg : args) {
    words.push_back(arg);
    const bool leads = std::ranges::any_of(
        program.verbs, [&](const Verb& verb) { return StartsWith(verb.words, words); });
    if (leads) continue;
    words.pop_back();
    break;
  }
  return words;
}

absl::Status NoVerb(const Program& program, const std::vector<std::string>& words,
                    std::span<const std::string> rest) {
  const std::string next = NextWords(program, words);
  if (rest.empty() || rest.front().starts_with('-')) {
    return Usage(words, fmt::format("say what to do: one of {}", next));
  }
  const std::string shown = EscapeForDisplay(rest.front(), kShownBytes);
  return Usage(words, words.empty() ? fmt::format("there is no '{}'; there is {}", shown, next)
                                    : fmt::format("'{}' cannot '{}'; it can {}", Join(words, " "),
                                                  shown, next));
}

// Holds what CLI11 fills: its options keep references.
class Splitter final {
 public:
  explicit Splitter(const Verb& verb) : verb_(verb) {
    app_.set_help_flag();
    app_.allow_extras(false);
    for (const OptionSpec& spec : verb.options) {
      if (spec.kind == OptionKind::kFlag) {
        app_.add_flag(spec.name, flags_[spec.key()]);
        continue;
      }
      auto* option = app_.add_option(spec.name, values_[spec.key()]);
      // One value for each time it is given: "--label a=b c" must not take the c.
      option->expected(1)->allow_extra_args(false);
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }

  absl::Status Split(std::span<const std::string> args) {
    for (std::size_t i = 0; i < args.size(); ++i) {
      const bool valued = NeedsValue(args[i]);
      // CLI11 would take "--force" in "--out --force" for the name of the file.
      if (valued && (i + 1 == args.size() || args[i + 1].starts_with("--"))) {
        return Usage(verb_.words, fmt::format("{} needs a value", args[i]));
      }
      if (valued) ++i;
    }
    // CLI11 wants the last first, and takes the empty value of "--key=" for a missing one.
    std::vector<std::string> reversed;
    for (const std::string& arg : args) {
      if (arg.starts_with("--") && arg.ends_with("=")) {
        reversed.push_back(arg.substr(0, arg.size() - 1));
        reversed.emplace_back();
      } else {
        reversed.push_back(arg);
      }
    }
    std::ranges::reverse(reversed);
    try {
      app_.parse(std::move(reversed));
      return absl::OkStatus();
    } catch (const std::exception& error) {
      return Usage(verb_.words, EscapeForDisplay(error.what(), 256));
    }
  }

  Args::Values Take() {
    for (const auto& [key, count] : flags_) {
      if (count > 0)
        values_[key] = {"true"};
      else
        values_[key] = {};
    }
    return Args::Values(values_.begin(), values_.end());
  }

 private:
  // Whether `arg` is an option whose value is the next argument.
  bool NeedsValue(std::string_view arg) const {
    return std::ranges::any_of(verb_.options, [arg](const OptionSpec& spec) {
      if (spec.is_word() || spec.kind == OptionKind::kFlag) return false;
      const auto names = omninode::Split(spec.name, ',');
      return std::ranges::find(names, arg) != names.end();
    });
  }

  const Verb& verb_;
  CLI::App app_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::int64_t> flags_;
};

absl::Status CheckValues(const Verb& verb, const Environment& environment, Args::Values* values) {
  for (const OptionSpec& spec : verb.options) {
    std::vector<std::string>& given = (*values)[spec.key()];
    if (given.size() > 1 && !spec.repeated) {
      return Usage(verb.words, fmt::format("{} is given twice", spec.name));
    }
    if (given.empty() && !spec.environment.empty()) {
      const auto value = environment(spec.environment);
      if (value.has_value() && !value->empty()) given.push_back(*value);
    }
    if (given.empty() && !spec.default_text.empty()) given.push_back(spec.default_text);
    if (given.empty() && spec.required) {
      return Usage(verb.words, fmt::format("{} is missing", spec.name));
    }
    for (const std::string& text : given) {
      if (absl::Status valid = CheckOption(spec, text); !valid.ok()) {
        return Usage(verb.words, Message(valid));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Invocation> ParseCommandLine(const Program& program,
                                            std::span<const std::string> args,
                                            const Environment& environment) {
  Invocation invocation;
  invocation.words = LeadingWords(program, args);
  const auto rest = args.subspan(invocation.words.size());
  const auto given = [&](std::string_view flag) {
    return std::ranges::find(rest, flag) != rest.end();
  };
  if (given("--help") || given("-h")) {
    invocation.mode = Mode::kHelp;
    return invocation;
  }
  if (invocation.words.empty() && !rest.empty()) {
    if (rest.front() == "--help-markdown") {
      invocation.mode = Mode::kHelpMarkdown;
      return invocation;
    }
    if (rest.front() == "--version") {
      invocation.mode = Mode::kVersion;
      return invocation;
    }
  }
  invocation.verb = FindVerb(program, invocation.words);
  if (invocation.verb == nullptr) return NoVerb(program, invocation.words, rest);
  Splitter splitter(*invocation.verb);
  OMNI_RETURN_IF_ERROR(splitter.Split(rest));
  Args::Values values = splitter.Take();
  OMNI_RETURN_IF_ERROR(CheckValues(*invocation.verb, environment, &values));
  invocation.args = Args(std::move(values));
  return invocation;
}

}  // namespace omninode::omnictl
