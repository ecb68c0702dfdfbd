#include "common/runtime/process_limits.h"

#include <functional>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace omninode::runtime {
namespace {

// Limits cannot be taken back, so each test runs in a child: true when `check` held there.
bool HoldsInChild(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

rlim_t SoftLimit(__rlimit_resource which) {
  rlimit limit{};
  ::getrlimit(which, &limit);
  return limit.rlim_cur;
}

TEST(ProcessLimits, ForbidsCoreDumpsAndFilesForOthers) {
  EXPECT_TRUE(HoldsInChild([] {
    if (!ApplyProcessLimits({}).ok()) return false;
    return SoftLimit(RLIMIT_CORE) == 0 && ::umask(0) == 077;
  }));
}

TEST(ProcessLimits, SetsOpenFilesWithinTheHardLimit) {
  EXPECT_TRUE(HoldsInChild([] {
    return ApplyProcessLimits({.open_files = 64}).ok() && SoftLimit(RLIMIT_NOFILE) == 64;
  }));
  EXPECT_TRUE(HoldsInChild([] {
    const rlimit hard{32, 128};
    ::setrlimit(RLIMIT_NOFILE, &hard);
    return ApplyProcessLimits({.open_files = 1'000'000}).ok() && SoftLimit(RLIMIT_NOFILE) == 128;
  }));
  EXPECT_TRUE(HoldsInChild([] {
    const rlim_t before = SoftLimit(RLIMIT_NOFILE);
    return ApplyProcessLimits({.open_files = 0}).ok() && SoftLimit(RLIMIT_NOFILE) == before;
  }));
}

#ifndef OMNINODE_SANITIZED
TEST(ProcessLimits, BoundsTheMemoryOfTheProcess) {
  constexpr std::size_t kLimit = 256u << 20;
  EXPECT_TRUE(HoldsInChild([] {
    if (!ApplyProcessLimits({.data_bytes = kLimit}).ok()) return false;
    void* const memory =
        ::mmap(nullptr, kLimit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED;
  }));
}

TEST(ProcessLimits, MakesTheProcessUndumpable) {
  EXPECT_TRUE(HoldsInChild(
      [] { return ApplyProcessLimits({}).ok() && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0; }));
}

// Certificates in memory are handed to gRPC as /proc/self/fd/N; that has to work for a user other
// than root after the process became undumpable.
TEST(ProcessLimits, StillOpensItsOwnDescriptorsByPath) {
  EXPECT_TRUE(HoldsInChild([] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) return false;
    if (!ApplyProcessLimits({}).ok()) return false;
    const int memory = ::memfd_create("test", MFD_CLOEXEC);
    const std::string path = fmt::format("/proc/self/fd/{}", memory);
    return ::open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0;
  }));
}
#endif

}  // namespace
}  // namespace omninode::runtime
