#include "tools/omnictl/verb_parts.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/config/file_descriptor.h"

namespace omninode::omnictl {
namespace {
constexpr std::size_t kShownBytes = 256;
}

absl::StatusOr<NamespaceName> NamespaceOf(const Args& args) {
  return NamespaceName::Parse(args.Text("namespace"));
}

absl::StatusOr<identity::SpiffeId> SpiffeIdOf(const Args& args) {
  return identity::SpiffeId::Parse(args.Text("spiffe-id"));
}

Rows RecordOf(Columns columns, Row row) {
  return {.shape = Shape::kRecord, .columns = std::move(columns), .rows = {std::move(row)}};
}

Rows ListOf(std::string items, Columns columns, std::vector<Row> rows) {
  return {.items = std::move(items), .columns = std::move(columns), .rows = std::move(rows)};
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  const std::string shown = EscapeForDisplay(path, kShownBytes);
  const config::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return config::ErrnoStatus(errno, "cannot open " + shown);
  OMNI_ASSIGN_OR_RETURN(std::string text, config::ReadUpTo(file, kMaxInputBytes + 1, shown));
  if (text.size() <= kMaxInputBytes) return text;
  return Error(absl::StatusCode::kResourceExhausted, "{} has more than {} bytes", shown,
               kMaxInputBytes);
}

absl::Status MayWrite(const std::string& path, bool force) {
  struct stat facts {};
  if (force || ::lstat(path.c_str(), &facts) != 0) return absl::OkStatus();
  return Error(absl::StatusCode::kAlreadyExists, "{} is there already",
               EscapeForDisplay(path, kShownBytes));
}

}  // namespace omninode::omnictl
