#ifndef OMNINODE_TESTS_BENCH_PROCESS_USAGE_H_
#define OMNINODE_TESTS_BENCH_PROCESS_USAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <sys/types.h>

namespace omninode::bench {

// User and system time that a process and its threads have used, in steps of 10 ms. NOT_FOUND when
// there is no such process.
absl::StatusOr<absl::Duration> CpuTimeOf(pid_t pid);
// Bytes of it in memory now (RSS).
absl::StatusOr<std::uint64_t> ResidentBytesOf(pid_t pid);
// Bytes of all files in a folder, as stored; those of its folders too.
absl::StatusOr<std::uint64_t> DiskBytesOf(const std::string& folder);

// Pure parts: the texts of /proc/PID/stat (proc(5)) and /proc/PID/status. INVALID_ARGUMENT for
// others.
absl::StatusOr<absl::Duration> ParseCpuTime(std::string_view stat, long ticks_per_second);
absl::StatusOr<std::uint64_t> ParseResidentBytes(std::string_view status);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_PROCESS_USAGE_H_
