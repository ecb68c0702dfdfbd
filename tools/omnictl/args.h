#ifndef OMNINODE_TOOLS_OMNICTL_ARGS_H_
#define OMNINODE_TOOLS_OMNICTL_ARGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/directory/position.h"
#include "tools/omnictl/rows.h"

namespace omninode::omnictl {

enum class OptionKind : std::uint8_t {
  kFlag,  // given or not
  kText,
  // Zero would mean the default to a service, which is not what it says.
  kUint,      // above zero
  kDuration,  // "30s", above zero
  kPosition,  // "1:42"
  kPair,      // "name=value"
  kAddress,   // "host:port"
  kChoice,    // one of `choices`
};

// One option of a verb, or one of the words after it. Made of constants of the code.
struct OptionSpec {
  std::string name;   // "--spiffe-id", "-o,--output", or "FILE" for a word
  std::string value;  // how help calls it: "ID"; empty for flags and words
  std::string help;   // one sentence without its full stop
  OptionKind kind = OptionKind::kText;
  bool required = false;
  bool repeated = false;
  std::string default_text = "";
  std::string environment = "";  // takes the place of the default when it is set and not empty
  std::vector<std::string> choices = {};

  bool is_word() const { return !name.starts_with('-'); }
  // Without dashes and the short form: "spiffe-id", "output", "FILE".
  std::string key() const;
};

// ARGUMENT_INVALID, naming the option, when `text` is none of its kind. Pure.
absl::Status CheckOption(const OptionSpec& spec, std::string_view text);

// What the command line says, checked: each value is of its option's kind. Immutable value.
//
// Keys are those of the verb's options; asking for another is a mistake of the code and aborts.
class Args final {
 public:
  using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

  // `values` has an entry for each option of the verb, an empty one when it was not given.
  explicit Args(Values values) : values_(std::move(values)) {}

  bool Knows(std::string_view key) const { return values_.contains(key); }
  bool Has(std::string_view key) const { return !All(key).empty(); }
  std::string Text(std::string_view key) const;  // empty when not given
  const std::vector<std::string>& All(std::string_view key) const;
  std::optional<std::uint64_t> Uint(std::string_view key) const;
  std::optional<absl::Duration> Duration(std::string_view key) const;
  std::optional<directory::Position> Position(std::string_view key) const;
  Pairs AllPairs(std::string_view key) const;

 private:
  Values values_;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_ARGS_H_
