#include "common/runtime/ready_file.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/config/file_descriptor.h"
#include "common/telemetry/json_text.h"

namespace omninode::runtime {
namespace {

constexpr std::size_t kMaxReadyFileBytes = 4096;

std::string Json(const ReadyInfo& info) {
  std::string text = fmt::format(R"({{"pid":{},"grpc":)", info.pid);
  telemetry::AppendJsonString(&text, info.grpc);
  text += R"(,"admin":)";
  telemetry::AppendJsonString(&text, info.admin);
  text += "}\n";
  return text;
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  const config::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  const std::string what = fmt::format("the ready file {}", EscapeForDisplay(path, 256));
  if (!file.valid()) return config::ErrnoStatus(errno, "cannot write " + what);
  return config::WriteAll(file, text, what);
}

}  // namespace

absl::StatusOr<ReadyFile> ReadyFile::Write(std::string path, const ReadyInfo& info) {
  if (path.empty()) return ReadyFile("", "");
  std::string text = Json(info);
  const std::string temporary = path + ".new";
  OMNI_RETURN_IF_ERROR(WriteFile(temporary, text));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return config::ErrnoStatus(error, "cannot write the ready file " + EscapeForDisplay(path, 256));
  }
  return ReadyFile(std::move(path), std::move(text));
}

void ReadyFile::Clear(const std::string& path) {
  if (!path.empty()) ::unlink(path.c_str());
}

ReadyFile::~ReadyFile() {
  if (path_.empty()) return;
  const config::FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return;
  const auto text = config::ReadUpTo(file, kMaxReadyFileBytes, path_);
  if (text.ok() && *text == text_) ::unlink(path_.c_str());
}

}  // namespace omninode::runtime
