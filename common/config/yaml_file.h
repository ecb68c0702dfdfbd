#ifndef OMNINODE_COMMON_CONFIG_YAML_FILE_H_
#define OMNINODE_COMMON_CONFIG_YAML_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/config/option.h"

namespace omninode::config {

inline constexpr std::size_t kMaxConfigFileBytes = 1024 * 1024;
inline constexpr std::size_t kMaxConfigFileEntries = 1024;

// One leaf of a configuration file.
struct FileEntry {
  std::string key;  // "lease.ttl", whether written nested or with the dot
  RawValue raw;
  std::string origin;  // "registry.yaml:7"
};

// Flattens YAML text. Errors are ARGUMENT_INVALID and begin with "name:line: ": not YAML, more than
// one document, a key twice, a key without a value, a list of something else than texts, more than
// kMaxConfigFileEntries. Pure.
absl::StatusOr<std::vector<FileEntry>> ParseYaml(std::string_view text, std::string_view name);

struct ConfigFile {
  std::vector<FileEntry> entries;
  unsigned mode = 0;  // permission bits
};

// NOT_FOUND when there is no such file; ARGUMENT_INVALID also when it is no plain file, above
// kMaxConfigFileBytes, or may be written by everybody.
absl::StatusOr<ConfigFile> ReadConfigFile(const std::string& path);

}  // namespace omninode::config

#endif  // OMNINODE_COMMON_CONFIG_YAML_FILE_H_
