#include "tests/bench/process_usage.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include <unistd.h>

#include "common/base/status.h"

namespace omninode::bench {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr int kUserTicks = 14;  // fields of stat count from 1
constexpr int kSystemTicks = 15;

absl::StatusOr<std::string> ReadProc(pid_t pid, std::string_view file) {
  std::ifstream in(fmt::format("/proc/{}/{}", pid, file));
  if (!in) return Error(absl::StatusCode::kNotFound, "there is no process {}", pid);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The next word, taken off the front; empty at the end.
std::string_view TakeWord(std::string_view* text) {
  const auto begin = text->find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  text->remove_prefix(begin);
  const std::string_view word = text->substr(0, text->find_first_of(kBlanks));
  text->remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> Number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseCpuTime(std::string_view stat, long ticks_per_second) {
  // The second field is the program's name in parentheses and may hold anything, also a ')'.
  const auto name_end = stat.rfind(')');
  std::string_view rest = name_end == std::string_view::npos ? "" : stat.substr(name_end + 1);
  std::optional<std::uint64_t> user;
  std::optional<std::uint64_t> system;
  for (int field = 3; field <= kSystemTicks; ++field) {
    const std::string_view word = TakeWord(&rest);
    if (field == kUserTicks) user = Number(word);
    if (field == kSystemTicks) system = Number(word);
  }
  if (!user.has_value() || !system.has_value() || ticks_per_second <= 0) {
    return Error(absl::StatusCode::kInvalidArgument, "no /proc/PID/stat: '{}'", stat);
  }
  return absl::Seconds(1) * static_cast<double>(*user + *system) /
         static_cast<double>(ticks_per_second);
}

absl::StatusOr<std::uint64_t> ParseResidentBytes(std::string_view status) {
  constexpr std::string_view kLabel = "\nVmRSS:";
  const auto at = status.find(kLabel);
  std::string_view rest = at == std::string_view::npos ? "" : status.substr(at + kLabel.size());
  const auto kibibytes = Number(TakeWord(&rest));
  if (!kibibytes.has_value()) {
    return Error(absl::StatusCode::kInvalidArgument, "no VmRSS in /proc/PID/status");
  }
  return *kibibytes * 1024;
}

absl::StatusOr<absl::Duration> CpuTimeOf(pid_t pid) {
  OMNI_ASSIGN_OR_RETURN(const std::string stat, ReadProc(pid, "stat"));
  return ParseCpuTime(stat, ::sysconf(_SC_CLK_TCK));
}

absl::StatusOr<std::uint64_t> ResidentBytesOf(pid_t pid) {
  OMNI_ASSIGN_OR_RETURN(const std::string status, ReadProc(pid, "status"));
  return ParseResidentBytes(status);
}

absl::StatusOr<std::uint64_t> DiskBytesOf(const std::string& folder) {
  std::error_code error;
  std::uint64_t bytes = 0;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;  // a file may be removed while we look
    if (!it->is_regular_file(gone)) continue;
    const auto size = it->file_size(gone);
    if (!gone) bytes += size;
  }
  if (!error) return bytes;
  return Error(absl::StatusCode::kNotFound, "{}: {}", folder, error.message());
}

}  // namespace omninode::bench
