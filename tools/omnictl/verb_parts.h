#ifndef OMNINODE_TOOLS_OMNICTL_VERB_PARTS_H_
#define OMNINODE_TOOLS_OMNICTL_VERB_PARTS_H_

#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/names.h"
#include "common/identity/spiffe_id.h"
#include "tools/omnictl/args.h"
#include "tools/omnictl/rows.h"

// What several verbs do.
namespace omninode::omnictl {

absl::StatusOr<NamespaceName> NamespaceOf(const Args& args);
// The option "spiffe-id".
absl::StatusOr<identity::SpiffeId> SpiffeIdOf(const Args& args);

Rows RecordOf(Columns columns, Row row);
Rows ListOf(std::string items, Columns columns, std::vector<Row> rows);

inline constexpr std::size_t kMaxInputBytes = 1024 * 1024;
// A file that holds no secret. NOT_FOUND, or RESOURCE_EXHAUSTED above kMaxInputBytes.
absl::StatusOr<std::string> ReadInput(const std::string& path);

// OK when nothing is there, or `force`. ALREADY_EXISTS otherwise.
absl::Status MayWrite(const std::string& path, bool force);

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_VERB_PARTS_H_
