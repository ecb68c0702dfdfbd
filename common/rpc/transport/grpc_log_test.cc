#include "common/rpc/transport/grpc_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include "common/telemetry/capturing_sink.h"
#include "common/telemetry/log.h"

namespace omninode::rpc {
namespace {

TEST(GrpcLogTest, CarriesLinesOfBothLibrariesWhileItLives) {
  telemetry::CapturingSink sink;
  telemetry::Logger logger("registry", sink, [] { return absl::UnixEpoch(); });
  {
    GrpcLog log(logger);
    gpr_log("/a/b/ssl.cc", 12, GPR_LOG_SEVERITY_ERROR, "handshake %s", "refused");
    GOOGLE_LOG(WARNING) << "a protobuf word";
  }
  ASSERT_EQ(sink.lines().size(), 2u);
  EXPECT_NE(sink.lines()[0].find("handshake refused"), std::string::npos);
  EXPECT_NE(sink.lines()[0].find("ssl.cc:12"), std::string::npos);
  EXPECT_NE(sink.lines()[0].find("grpc"), std::string::npos);
  EXPECT_NE(sink.lines()[1].find("a protobuf word"), std::string::npos);

  GOOGLE_LOG(WARNING) << "after the end: to nobody";
  EXPECT_EQ(sink.lines().size(), 2u);
}

TEST(GrpcLogTest, LeavesOutTheLineAboutHostNames) {
  telemetry::CapturingSink sink;
  telemetry::Logger logger("registry", sink, [] { return absl::UnixEpoch(); });
  GrpcLog log(logger);
  gpr_log(GPR_ERROR, "No match found for server name: 127.0.0.1.");
  EXPECT_TRUE(sink.lines().empty());
}

TEST(GrpcLogTest, AnotherMayFollow) {
  telemetry::CapturingSink first;
  telemetry::CapturingSink second;
  telemetry::Logger a("a", first, [] { return absl::UnixEpoch(); });
  telemetry::Logger b("b", second, [] { return absl::UnixEpoch(); });
  { GrpcLog log(a); }
  GrpcLog log(b);
  gpr_log(GPR_ERROR, "line");
  EXPECT_TRUE(first.lines().empty());
  EXPECT_EQ(second.lines().size(), 1u);
}

}  // namespace
}  // namespace omninode::rpc
