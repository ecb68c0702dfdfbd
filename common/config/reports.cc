#include "common/config/reports.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include "common/base/text.h"

namespace omninode::config {
namespace {

std::string Described(const Schema& schema, const Option& option) {
  std::vector<std::string> notes;
  if (option.required) notes.emplace_back("required");
  if (!option.default_text.empty()) notes.push_back("default " + option.default_text);
  if (const std::string bounds = BoundsText(option); !bounds.empty()) notes.push_back(bounds);
  notes.push_back(option.secret ? "configuration file only" : schema.EnvironmentName(option.key));
  return fmt::format("{} ({})", option.help, Join(notes, "; "));
}

std::string UsageName(const Option& option) {
  if (option.secret) return option.key;
  if (option.type == OptionType::kBool) return FlagName(option.key);
  return fmt::format("{} <{}>", FlagName(option.key), NameOf(option.type));
}

void AppendRow(std::string* out, std::string_view name, std::string_view text) {
  *out += fmt::format("  {}\n      {}\n", name, text);
}

std::string Quoted(std::string_view text) {
  YAML::Emitter emitter;
  emitter << YAML::DoubleQuoted << std::string(text);
  return emitter.c_str();
}

std::string YamlText(const Value& value) {
  if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> quoted;
    for (const std::string& item : *items) quoted.push_back(Quoted(item));
    return fmt::format("[{}]", Join(quoted, ", "));
  }
  const std::string text = FormatValue(value);
  const bool is_plain = !std::holds_alternative<std::string>(value) && !text.empty() &&
                        !std::holds_alternative<HostPort>(value);
  return is_plain ? text : Quoted(text);
}

std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string Code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", text); }

}  // namespace

std::string HelpText(const Schema& schema) {
  const std::string verb = schema.verbs().empty() ? "" : " [verb]";
  std::string out = fmt::format("Usage: {}{} [--config FILE] [options]\n\n{}\n", schema.program(),
                                verb, schema.summary());
  if (!schema.verbs().empty()) {
    out += fmt::format("\nVerbs (without one: {}):\n", schema.verbs().front().name);
    for (const Verb& each : schema.verbs()) AppendRow(&out, each.name, each.help);
  }
  out += "\nGeneral:\n";
  AppendRow(&out, "--config <path>",
            fmt::format("YAML file with the keys below ({})", schema.EnvironmentName("config")));
  AppendRow(&out, "--check-config", "print the effective values and where they come from, and end");
  AppendRow(&out, "--reference", "print the reference of options and metrics as Markdown, and end");
  AppendRow(&out, "--version", "print the version and end");
  AppendRow(&out, "-h, --help", "print this and end");
  out += "\nOptions; a flag overrides the environment, which overrides the file:\n";
  for (const Option& option : schema.options()) {
    AppendRow(&out, UsageName(option), Described(schema, option));
  }
  return out;
}

std::string EffectiveText(const Schema& schema, const Values& values) {
  std::string out = fmt::format("# {}: effective configuration\n", schema.program());
  for (const Option& option : schema.options()) {
    const Values::Entry& entry = values.At(option.key);
    const std::string from = entry.source == Source::kDefault
                                 ? std::string(NameOf(entry.source))
                                 : fmt::format("{} {}", NameOf(entry.source), entry.origin);
    if (option.secret) {
      out += fmt::format("# {}: {}  # {}\n", option.key,
                         values.Has(option.key) ? "(hidden)" : "(not set)", from);
    } else {
      out += fmt::format("{}: {}  # {}\n", option.key, YamlText(entry.value), from);
    }
  }
  return out;
}

std::string ReferenceMarkdown(const Schema& schema) {
  std::string out = fmt::format("## {}\n\n{}\n\n", schema.program(), schema.summary());
  for (const Verb& verb : schema.verbs()) out += fmt::format("* `{}`: {}\n", verb.name, verb.help);
  if (!schema.verbs().empty()) out += "\n";
  out += "| key | type | default | bounds | flag, environment | meaning |\n";
  out += "|---|---|---|---|---|---|\n";
  for (const Option& option : schema.options()) {
    const std::string names = option.secret ? "configuration file only"
                                            : fmt::format("`{}` `{}`", FlagName(option.key),
                                                          schema.EnvironmentName(option.key));
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", option.key, NameOf(option.type),
                       option.required ? "required" : Code(option.default_text),
                       Cell(BoundsText(option)), names, Cell(option.help));
  }
  return out;
}

}  // namespace omninode::config
