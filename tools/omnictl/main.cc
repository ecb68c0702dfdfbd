#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include "common/crypto/process_config.h"
#include "common/rpc/transport/grpc_log.h"
#include "common/runtime/signals.h"
#include "common/telemetry/log.h"
#include "common/time/clock.h"
#include "tools/omnictl/program.h"
#include "tools/omnictl/remote_client.h"

namespace {

using omninode::omnictl::Args;

std::optional<std::string> FromEnvironment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

bool Print(std::FILE* stream, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

// https://no-color.org: any value that is not empty.
bool WantsStyle() {
  const std::string terminal = FromEnvironment("TERM").value_or("");
  return ::isatty(STDOUT_FILENO) == 1 && FromEnvironment("NO_COLOR").value_or("").empty() &&
         !terminal.empty() && terminal != "dumb";
}

std::string TextOrEmpty(const Args& args, std::string_view key) {
  return args.Knows(key) ? args.Text(key) : "";
}

omninode::omnictl::ConnectionOptions ConnectionOf(const Args& args) {
  omninode::omnictl::ConnectionOptions options{.identity_dir = TextOrEmpty(args, "identity"),
                                               .registry = TextOrEmpty(args, "registry"),
                                               .bootstrap = TextOrEmpty(args, "bootstrap")};
  if (args.Knows("timeout")) options.timeout = args.Duration("timeout").value_or(options.timeout);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  omninode::crypto::ConfigureTlsProcess();
  const omninode::SystemClock clock;
  // What goes wrong is in the error line; gRPC's own lines would only hide it.
  const auto sink = omninode::telemetry::MakeStderrSink();
  omninode::telemetry::Logger logger(
      "omnictl", *sink, [&clock] { return clock.Now(); }, omninode::telemetry::LogLevel::kError);
  const omninode::rpc::GrpcLog grpc_log(logger);
  const std::vector<std::string> args(argv + 1, argv + argc);
  return static_cast<int>(omninode::omnictl::RunProgram(
      args, {.environment = FromEnvironment,
             .style = {.bold_header = WantsStyle()},
             .out = [](std::string_view text) { return Print(stdout, text); },
             .err = [](std::string_view text) { return Print(stderr, text); },
             .make_client =
                 [&](const omninode::omnictl::Verb& verb, const Args& verb_args) {
                   // The only verb that has to do something when it is stopped. No thread runs yet.
                   if (verb.Name() == "node run") omninode::runtime::BlockSignals();
                   return omninode::omnictl::MakeRemoteClient(ConnectionOf(verb_args), clock);
                 }}));
}
