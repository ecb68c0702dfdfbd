#include "common/rpc/transport/grpc_log.h"

#include <string>
#include <string_view>

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include "common/base/check.h"
#include "common/base/mutex.h"
#include "common/telemetry/log.h"

namespace omninode::rpc {
namespace {

using telemetry::LogLevel;

// Where the hooks find the logger: they are plain functions.
struct Target {
  Mutex mutex;
  telemetry::Logger* logger ABSL_GUARDED_BY(mutex) = nullptr;
};
Target& TheTarget() {
  static Target target;
  return target;
}

void Forward(LogLevel level, std::string_view library, const char* file, int line,
             std::string_view message) {
  const std::string_view path(file == nullptr ? "" : file);
  const std::string origin = fmt::format("{}:{}", path.substr(path.rfind('/') + 1), line);
  Target& target = TheTarget();
  MutexLock lock(target.mutex);
  if (target.logger != nullptr) target.logger->Foreign(level, library, origin, message);
}

void OnGrpc(gpr_log_func_args* args) {
  // Said at each handshake, because channels are made for addresses and servers are known by their
  // SPIFFE ID: the name plays no part.
  const std::string_view message(args->message);
  if (message.starts_with("No match found for server name")) return;
  // What gRPC calls an error is mostly something a peer did.
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kWarning
                         : args->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                   : LogLevel::kDebug;
  Forward(level, "grpc", args->file, args->line, message);
}

void OnProtobuf(google::protobuf::LogLevel severity, const char* file, int line,
                const std::string& message) {
  const LogLevel level = severity == google::protobuf::LOGLEVEL_INFO      ? LogLevel::kInfo
                         : severity == google::protobuf::LOGLEVEL_WARNING ? LogLevel::kWarning
                                                                          : LogLevel::kError;
  Forward(level, "protobuf", file, line, message);
}

}  // namespace

GrpcLog::GrpcLog(telemetry::Logger& logger) {
  {
    Target& target = TheTarget();
    MutexLock lock(target.mutex);
    OMNI_CHECK(target.logger == nullptr);
    target.logger = &logger;
  }
  gpr_set_log_function(&OnGrpc);
  google::protobuf::SetLogHandler(&OnProtobuf);
}

GrpcLog::~GrpcLog() {
  gpr_set_log_function(nullptr);  // gRPC's own
  google::protobuf::SetLogHandler(nullptr);
  Target& target = TheTarget();
  MutexLock lock(target.mutex);
  target.logger = nullptr;
}

}  // namespace omninode::rpc
