#include "common/telemetry/security_event.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/telemetry/capturing_sink.h"

namespace omninode::telemetry {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr std::size_t kMaxPeers = SecurityLog::kMaxKeys;

class SecurityLogTest : public testing::Test {
 protected:
  SecurityLogTest() {
    const auto definitions = SecurityLog::Definitions("registry", {"Register"});
    EXPECT_TRUE(metrics_.Declare(definitions).ok());
  }

  void Reject(std::string_view peer, absl::Time now = kNow, Reason reason = Reason::kSigInvalid) {
    log_.Rejected({.reason = reason, .rpc = "Register", .peer_spiffe_id = peer}, now);
  }
  json Line(std::size_t i) { return json::parse(sink_.lines().at(i)); }

  CapturingSink sink_;
  Logger logger_{"registry", sink_, [] { return kNow; }};
  Metrics metrics_;
  SecurityLog log_{logger_, metrics_, {"Register"}};
};

TEST_F(SecurityLogTest, TellsWhoWasRefusedAndWhy) {
  log_.Rejected({.reason = Reason::kSigInvalid,
                 .rpc = "Register",
                 .peer_spiffe_id = "spiffe://omni.test/node/a/n1",
                 .source_address = "ipv4:10.0.0.7:41234",
                 .ns = "a",
                 .message = "signature does not match"},
                kNow);
  const json line = Line(0);
  EXPECT_EQ(line["event"], "reject");
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["reason"], "SIG_INVALID");
  EXPECT_EQ(line["rpc"], "Register");
  EXPECT_EQ(line["peer_spiffe_id"], "spiffe://omni.test/node/a/n1");
  EXPECT_EQ(line["source_address"], "ipv4:10.0.0.7:41234");
  EXPECT_EQ(line["namespace"], "a");
  EXPECT_EQ(line["message"], "signature does not match");
  EXPECT_FALSE(line.contains("suppressed"));
}

TEST_F(SecurityLogTest, LeavesOutWhatIsNotKnown) {
  log_.Rejected({.reason = Reason::kKeyFileMode}, kNow);
  EXPECT_EQ(Line(0)["level"], "error");
  EXPECT_FALSE(Line(0).contains("peer_spiffe_id"));
  EXPECT_FALSE(Line(0).contains("namespace"));
}

TEST_F(SecurityLogTest, CutsThePeerAtItsBound) {
  Reject(std::string(SecurityLog::kMaxPeerBytes + 1, 'p'));
  EXPECT_EQ(Line(0)["peer_spiffe_id"], std::string(SecurityLog::kMaxPeerBytes, 'p'));
}

TEST_F(SecurityLogTest, SuppressesRepetitionsAndSaysHowMany) {
  for (std::uint64_t i = 0; i < SecurityLog::kBurst; ++i) Reject("a");
  EXPECT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst));
  for (int i = 0; i < 7; ++i) Reject("a");
  EXPECT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst));

  Reject("a", kNow + SecurityLog::kWindow);
  ASSERT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst + 1));
  EXPECT_EQ(Line(SecurityLog::kBurst)["suppressed"], 7);
  Reject("a", kNow + SecurityLog::kWindow);
  EXPECT_FALSE(Line(SecurityLog::kBurst + 1).contains("suppressed"));
}

TEST_F(SecurityLogTest, OnePeerOrReasonDoesNotHideAnother) {
  for (std::uint64_t i = 0; i <= SecurityLog::kBurst; ++i) Reject("a");
  sink_.Clear();
  Reject("b");
  Reject("a", kNow, Reason::kReplay);
  EXPECT_THAT(sink_.lines(), SizeIs(2));
}

TEST_F(SecurityLogTest, TakesAnUnknownPeersAddressWithoutItsPort) {
  for (std::uint64_t i = 0; i <= SecurityLog::kBurst; ++i) {
    const std::string address = "ipv4:10.0.0.7:" + std::to_string(40000 + i);
    log_.Rejected({.reason = Reason::kTokenInvalid, .source_address = address}, kNow);
  }
  EXPECT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst));
  log_.Rejected({.reason = Reason::kTokenInvalid, .source_address = "ipv4:10.0.0.8:1"}, kNow);
  EXPECT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst + 1));
}

TEST_F(SecurityLogTest, FlushWritesWhatWasSuppressedWhenItsWindowIsOver) {
  for (std::uint64_t i = 0; i < SecurityLog::kBurst + 3; ++i) Reject("a");
  sink_.Clear();
  log_.Flush(kNow + SecurityLog::kWindow - absl::Milliseconds(1));
  EXPECT_THAT(sink_.lines(), SizeIs(0));
  log_.Flush(kNow + SecurityLog::kWindow);
  ASSERT_THAT(sink_.lines(), SizeIs(1));
  EXPECT_EQ(Line(0)["event"], "reject_summary");
  EXPECT_EQ(Line(0)["reason"], "SIG_INVALID");
  EXPECT_EQ(Line(0)["peer"], "a");
  EXPECT_EQ(Line(0)["suppressed"], 3);
  EXPECT_EQ(log_.keys(), 0u);
}

TEST_F(SecurityLogTest, ANewWindowBeginsWhenTheWallClockWasSetBack) {
  for (std::uint64_t i = 0; i <= SecurityLog::kBurst; ++i) Reject("a");
  Reject("a", kNow - absl::Hours(1));
  ASSERT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst + 1));
  EXPECT_EQ(Line(SecurityLog::kBurst)["suppressed"], 1);
}

TEST_F(SecurityLogTest, HoldsABoundedNumberOfPeers) {
  const std::size_t own_windows = kMaxPeers - ReasonTable().size();
  for (std::size_t i = 0; i < own_windows; ++i) Reject(std::to_string(i));
  EXPECT_EQ(log_.keys(), own_windows);
  EXPECT_THAT(sink_.lines(), SizeIs(own_windows));

  // The flood's newcomers share a window for their reason; another reason has its own.
  sink_.Clear();
  for (int i = 0; i < 100; ++i) Reject("flood" + std::to_string(i));
  EXPECT_THAT(sink_.lines(), SizeIs(SecurityLog::kBurst));
  for (const ReasonRow& row : ReasonTable()) Reject("flood", kNow, row.reason);
  EXPECT_EQ(log_.keys(), SecurityLog::kMaxKeys);
}

TEST_F(SecurityLogTest, MakesRoomWhenWindowsAreOver) {
  for (std::size_t i = 0; i < kMaxPeers; ++i) Reject(std::to_string(i));
  sink_.Clear();
  Reject("late", kNow + SecurityLog::kWindow);
  EXPECT_EQ(log_.keys(), 1u);
  EXPECT_TRUE(sink_.Contains("\"late\""));
  // Those that shared a window are told of.
  EXPECT_TRUE(sink_.Contains("reject_summary"));
}

TEST_F(SecurityLogTest, CountsEachRejectionEvenWhenNotLogged) {
  for (std::uint64_t i = 0; i < SecurityLog::kBurst + 5; ++i) Reject("a");
  EXPECT_THAT(metrics_.Render(),
              HasSubstr(R"(omninode_reject_total{reason="SIG_INVALID",rpc="Register",)"
                        R"(service="registry"} 10)"));
}

TEST_F(SecurityLogTest, CountsUnknownRpcsTogether) {
  log_.Rejected({.reason = Reason::kSigInvalid, .rpc = "made/up"}, kNow);
  EXPECT_THAT(metrics_.Render(), HasSubstr(R"(rpc="other")"));
  EXPECT_THAT(metrics_.Render(), testing::Not(HasSubstr("made")));
}

}  // namespace
}  // namespace omninode::telemetry
