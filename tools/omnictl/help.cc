#include "tools/omnictl/help.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/text.h"

namespace omninode::omnictl {
namespace {

constexpr std::size_t kMaxLine = 100;

struct TableLine {
  std::string left;
  std::string right;
};

// `text` in lines of at most kMaxLine, of which all but the first are indented.
std::string Wrap(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::size_t column = indent;
  for (const std::string_view word : Split(text, ' ')) {
    if (column + 1 + word.size() > kMaxLine && column > indent) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += word.size();
  }
  return wrapped;
}

std::string Table(const std::vector<TableLine>& lines) {
  std::size_t width = 0;
  for (const TableLine& line : lines) width = std::max(width, line.left.size());
  std::string text;
  for (const TableLine& line : lines) {
    text += fmt::format("  {:<{}}  {}\n", line.left, width, Wrap(line.right, width + 4));
  }
  return text;
}

std::string OptionLeft(const OptionSpec& spec) {
  std::string left = spec.name;
  if (const std::size_t comma = left.find(','); comma != std::string::npos) {
    left.insert(comma + 1, " ");
  }
  return spec.value.empty() ? left : left + " " + spec.value;
}

std::string OptionRight(const OptionSpec& spec) {
  std::string right = spec.help;
  if (spec.required && !spec.is_word()) right += "; required";
  if (spec.repeated) right += "; may be given again";
  if (!spec.environment.empty()) right += fmt::format(" [env {}]", spec.environment);
  if (!spec.default_text.empty()) right += fmt::format(" (default: {})", spec.default_text);
  return right;
}

std::string UsageLine(const Verb& verb) {
  std::string usage = fmt::format("Usage: omnictl {}", verb.Name());
  for (const OptionSpec& spec : verb.options) {
    if (spec.is_word()) usage += " " + spec.name;
  }
  for (const OptionSpec& spec : verb.options) {
    if (!spec.is_word() && spec.required) usage += " " + OptionLeft(spec);
  }
  return usage + " [options]\n";
}

std::string VerbHelp(const Verb& verb) {
  std::string text =
      fmt::format("omnictl {}: {}\n\n{}", verb.Name(), verb.summary, UsageLine(verb));
  if (!verb.details.empty()) text += "\n" + verb.details + "\n";
  std::vector<TableLine> lines;
  for (const OptionSpec& spec : verb.options)
    lines.push_back({OptionLeft(spec), OptionRight(spec)});
  lines.push_back({"-h, --help", "this text"});
  text += "\nOptions:\n" + Table(lines);
  text += "\nExamples:\n";
  for (const Example& example : verb.examples) {
    text += fmt::format("  # {}\n  omnictl {}\n", example.says, example.command);
  }
  return text;
}

bool Below(const std::vector<std::string>& words, const std::vector<std::string>& above) {
  return words.size() > above.size() && std::equal(above.begin(), above.end(), words.begin());
}

std::string NounHelp(const Program& program, const Noun& noun) {
  const std::string name = Join(noun.words, " ");
  std::string text = fmt::format("omnictl {}: {}\n\nUsage: omnictl {} VERB [options]\n\nVerbs:\n",
                                 name, noun.summary, name);
  std::vector<TableLine> lines;
  const Verb* first = nullptr;
  for (const Verb& verb : program.verbs) {
    if (!Below(verb.words, noun.words)) continue;
    if (first == nullptr) first = &verb;
    const std::vector<std::string> rest(
        verb.words.begin() + static_cast<std::ptrdiff_t>(noun.words.size()), verb.words.end());
    lines.push_back({Join(rest, " "), verb.summary});
  }
  text += Table(lines) + "\nExamples:\n";
  if (first != nullptr) text += fmt::format("  omnictl {}\n", first->examples.front().command);
  return text + fmt::format("  omnictl {} --help\n", first == nullptr ? name : first->Name());
}

std::string ProgramHelp(const Program& program) {
  std::string text =
      "omnictl: looks at and runs an OmniNode network\n\n"
      "Usage: omnictl NOUN VERB [options]\n\nCommands:\n";
  std::vector<TableLine> lines;
  for (const Verb& verb : program.verbs) lines.push_back({verb.Name(), verb.summary});
  text += Table(lines);
  text += "\nOptions:\n" + Table({{"-h, --help", "this text; after a noun or a verb: its own"},
                                  {"--version", "the version"}});
  text +=
      "\nVerbs that connect use an identity folder (--identity DIR or OMNINODE_IDENTITY), which\n"
      "`omnictl identity issue` makes; it also says where the services are. Errors are one line "
      "on\n"
      "stderr; the exit codes are listed in docs/reference/exit-codes.md.\n"
      "\nExamples:\n"
      "  omnictl identity issue --spiffe-id spiffe://example.org/admin/alice --out alice\n"
      "  export OMNINODE_IDENTITY=alice\n"
      "  omnictl node list\n"
      "  omnictl topology watch --namespace tenant-a\n";
  return text;
}

}  // namespace

std::string HelpText(const Program& program, const std::vector<std::string>& words) {
  const auto verb = std::ranges::find(program.verbs, words, &Verb::words);
  if (verb != program.verbs.end()) return VerbHelp(*verb);
  const auto noun = std::ranges::find(program.nouns, words, &Noun::words);
  if (noun != program.nouns.end()) return NounHelp(program, *noun);
  return ProgramHelp(program);
}

std::string HelpMarkdown(const Program& program) {
  std::string text =
      "# omnictl\n\n"
      "Made by `omnictl --help-markdown` from the texts of `--help`; do not edit.\n\n"
      "```text\n" +
      ProgramHelp(program) + "```\n";
  for (const Verb& verb : program.verbs) {
    text += fmt::format("\n## omnictl {}\n\n```text\n{}```\n", verb.Name(), VerbHelp(verb));
  }
  return text;
}

}  // namespace omninode::omnictl
