#include "tools/quickstart_job/run_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>

#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::quickstart {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "run-";
constexpr char kPassed[] = "passed";
constexpr int kMaxTries = 100;

std::optional<int> NumberOf(const fs::path& path) {
  const std::string name = path.filename();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const auto number = ParseUint64(std::string_view(name).substr(kPrefix.size()));
  if (!number.has_value() || *number >= std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*number);
}

absl::Status FileError(std::string_view what, const std::error_code& error) {
  return Error(absl::StatusCode::kFailedPrecondition, "{}: {}", what, error.message());
}

}  // namespace

RunFolder::RunFolder(std::string base, int number)
    : base_(std::move(base)), path_(fmt::format("{}/{}{}", base_, kPrefix, number)) {}

absl::StatusOr<RunFolder> RunFolder::Make(const std::string& base) {
  std::error_code error;
  fs::create_directories(base, error);
  if (error) return FileError("cannot make " + base, error);
  int last = 0;
  for (const auto& entry : fs::directory_iterator(base, error)) {
    last = std::max(last, NumberOf(entry.path()).value_or(0));
  }
  // Whoever makes a folder has its number, so the next one's turn comes when it is there already.
  for (int i = 1; i <= kMaxTries && !error; ++i) {
    RunFolder folder(fs::canonical(base), last + i);
    if (fs::create_directory(folder.path(), error)) {
      fs::permissions(folder.path(), fs::perms::owner_all, error);
      if (!error) return folder;
    }
  }
  return FileError("cannot make a folder in " + base, error);
}

absl::Status RunFolder::MarkPassed() {
  std::ofstream(path_ + "/" + kPassed).close();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(base_, error)) {
    const bool other = NumberOf(entry.path()).has_value() && entry.path() != path_;
    std::error_code ignored;
    if (other && fs::exists(entry.path() / kPassed, ignored)) fs::remove_all(entry.path(), error);
  }
  return error ? FileError("cannot tidy up " + base_, error) : absl::OkStatus();
}

}  // namespace omninode::quickstart
