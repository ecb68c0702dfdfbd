#include "common/runtime/process_limits.h"

#include <algorithm>
#include <cerrno>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/base/status.h"
#include "common/config/file_descriptor.h"

namespace omninode::runtime {
namespace {

#ifdef OMNINODE_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr mode_t kOwnerOnly = 077;

absl::Status SetLimit(__rlimit_resource which, std::string_view name, rlimit limit) {
  if (::setrlimit(which, &limit) == 0) return absl::OkStatus();
  return config::ErrnoStatus(errno, fmt::format("cannot set the limit {}", name));
}

// The soft limit only: a child may need the hard one.
absl::Status SetSoftLimit(__rlimit_resource which, std::string_view name, std::uint64_t value) {
  if (value == 0) return absl::OkStatus();
  rlimit limit{};
  if (::getrlimit(which, &limit) != 0) {
    return config::ErrnoStatus(errno, fmt::format("cannot read the limit {}", name));
  }
  limit.rlim_cur = std::min<rlim_t>(value, limit.rlim_max);
  return SetLimit(which, name, limit);
}

}  // namespace

absl::Status ApplyProcessLimits(const ProcessLimits& limits) {
  ::umask(kOwnerOnly);
  OMNI_RETURN_IF_ERROR(SetLimit(RLIMIT_CORE, "core", {0, 0}));
  OMNI_RETURN_IF_ERROR(SetSoftLimit(RLIMIT_NOFILE, "open files", limits.open_files));
  if (kSanitized) return absl::OkStatus();
  OMNI_RETURN_IF_ERROR(SetSoftLimit(RLIMIT_DATA, "data", limits.data_bytes));
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return config::ErrnoStatus(errno, "cannot forbid dumps of this process");
  }
  return absl::OkStatus();
}

}  // namespace omninode::runtime
