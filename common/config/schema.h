#ifndef OMNINODE_COMMON_CONFIG_SCHEMA_H_
#define OMNINODE_COMMON_CONFIG_SCHEMA_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/config/option.h"

namespace omninode::config {

// A first word of the command line: `omninode-bootstrap init`.
struct Verb {
  std::string name;
  std::string help;
};

// The one table of a program: its options, and the words it may be told to do. Immutable value;
// everything about configuration (parsing, help, reference) is derived from it.
class Schema final {
 public:
  // `service` is "registry" for omninode-registry. Without verbs the program only runs; with them,
  // the first is what it does when none is given. FAILED_PRECONDITION when the table contradicts
  // itself: a key that is malformed, twice, both key and section, reserved, or whose environment
  // name Kubernetes may set by itself; a default that its own bounds refuse; missing help; a
  // secret that is not a string or has a default; a required option that has one.
  static absl::StatusOr<Schema> Create(std::string service, std::string summary,
                                       std::vector<Option> options, std::vector<Verb> verbs = {});

  const std::string& service() const { return service_; }
  std::string program() const { return "omninode-" + service_; }
  const std::string& summary() const { return summary_; }
  const std::vector<Option>& options() const { return options_; }
  const std::vector<Verb>& verbs() const { return verbs_; }

  const Option* Find(std::string_view key) const;           // null when there is none
  std::string EnvironmentName(std::string_view key) const;  // OMNINODE_REGISTRY_LEASE_TTL
  // ", did you mean lease.ttl?"-like hint for a key that is not there; "" when nothing is near.
  std::string Hint(std::string_view unknown_key) const;

 private:
  Schema() = default;
  std::string service_;
  std::string summary_;
  std::vector<Option> options_;
  std::vector<Verb> verbs_;
};

std::string FlagName(std::string_view key);  // "--lease.max-ttl" for lease.max_ttl

// Of `candidates`, the one that takes the fewest edits to become `text`; nullopt when even that
// would be another word. Pure.
std::optional<std::string> Nearest(std::string_view text,
                                   const std::vector<std::string>& candidates);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_SCHEMA_H_
