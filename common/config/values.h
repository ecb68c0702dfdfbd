#ifndef OMNINODE_COMMON_CONFIG_VALUES_H_
#define OMNINODE_COMMON_CONFIG_VALUES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/config/option.h"
#include "common/config/schema.h"

namespace omninode::config {

enum class Source : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };

std::string_view NameOf(Source source);  // "default", "file", "environment", "flag"

// The effective values of one program. Every option of its schema has one. A value type; const
// access is thread-safe. Asking for a key that is not in the schema, or for another type, is a
// mistake of the code and aborts.
class Values final {
 public:
  struct Entry {
    Option option;
    Value value;
    Source source = Source::kDefault;
    std::string origin;  // "registry.yaml:7", "OMNINODE_REGISTRY_LEASE_TTL", "--lease.ttl", ""
  };

  // Every option at its default; required ones are empty until Set.
  explicit Values(const Schema& schema);

  std::string GetString(std::string_view key) const;  // also paths and choices
  bool GetBool(std::string_view key) const;
  std::uint64_t GetUint(std::string_view key) const;
  absl::Duration GetDuration(std::string_view key) const;
  HostPort GetAddress(std::string_view key) const;  // REQUIRES: Has(key)
  std::vector<std::string> GetList(std::string_view key) const;
  // False for an address that is not set, an empty text, an empty list.
  bool Has(std::string_view key) const;

  const Entry& At(std::string_view key) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }

  // A configuration error about `key` that only the service can see (two options that exclude
  // each other), with the place where its value comes from: "registry.yaml:7: lease.ttl: ...".
  absl::Status Problem(std::string_view key, std::string_view problem) const;

  // ARGUMENT_INVALID as ParseValue. The later Set wins.
  absl::Status Set(std::string_view key, const RawValue& raw, Source source, std::string origin);

 private:
  template <typename T>
  const T& Get(std::string_view key) const;

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_VALUES_H_
