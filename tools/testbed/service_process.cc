#include "tools/testbed/service_process.h"

#include <fstream>
#include <iterator>

#include "common/base/status.h"
#include "common/config/host_port.h"
#include "common/http/client.h"

namespace omninode::testbed {
namespace {

constexpr absl::Duration kHttpTimeout = absl::Seconds(5);

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string ServiceProcess::File(std::string_view suffix) const {
  return fmt::format("{}/{}.{}", options_.dir, options_.name, suffix);
}

absl::Status ServiceProcess::Start(absl::Duration timeout) {
  if (running()) {
    return Error(absl::StatusCode::kFailedPrecondition, "{} runs already", options_.name);
  }
  process_.reset();
  std::vector<std::string> argv = {options_.program};
  argv.insert(argv.end(), options_.args.begin(), options_.args.end());
  argv.insert(argv.end(), {"--ready-file", File("ready")});
  OMNI_ASSIGN_OR_RETURN(process_, Process::Start({.name = options_.name,
                                                  .argv = std::move(argv),
                                                  .stdout_path = File("out"),
                                                  .stderr_path = File("log")}));
  OMNI_ASSIGN_OR_RETURN(ready_, process_->WaitReady(File("ready"), timeout));
  return absl::OkStatus();
}

absl::Status ServiceProcess::Signal(int signal) {
  if (process_ == nullptr) {
    return Error(absl::StatusCode::kNotFound, "{} was not started", options_.name);
  }
  return process_->Signal(signal);
}

void ServiceProcess::Kill() {
  if (process_ != nullptr) process_->Kill();
}

absl::Status ServiceProcess::Stop(absl::Duration timeout) {
  if (process_ == nullptr) return absl::OkStatus();
  OMNI_ASSIGN_OR_RETURN(const ExitState exit, process_->StopGracefully(timeout));
  if (exit.ok()) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "{} ended with {}; the last it said:\n{}",
               options_.name, exit.ToString(), LastLogLines());
}

absl::StatusOr<std::string> ServiceProcess::HttpGet(std::string_view target) const {
  OMNI_ASSIGN_OR_RETURN(const config::HostPort admin, config::HostPort::Parse(ready_.admin));
  OMNI_ASSIGN_OR_RETURN(http::Response response,
                        http::Get(admin.host(), admin.port(), target, kHttpTimeout));
  if (response.status == 200) return std::move(response.body);
  return Error(absl::StatusCode::kUnavailable, "{}{} answers {}: {}", options_.name, target,
               response.status, response.body);
}

absl::StatusOr<Samples> ServiceProcess::Metrics() const {
  OMNI_ASSIGN_OR_RETURN(const std::string text, HttpGet("/metrics"));
  return ParseSamples(text);
}

std::vector<FlatJson> ServiceProcess::LogLines() const {
  return ParseJsonLines(ReadAll(File("log")));
}
std::vector<FlatJson> ServiceProcess::OutputLines() const {
  return ParseJsonLines(ReadAll(File("out")));
}
std::string ServiceProcess::LastLogLines(std::size_t count) const {
  return LastLines(FileEnd(File("log")), count);
}

}  // namespace omninode::testbed
