#include "common/rpc/serve/status_codec.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace omninode::rpc {
namespace {

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  return wire;
}

template <typename Detail>
std::optional<Detail> Find(const grpc::Status& status) {
  const google::rpc::Status wire = DetailsOf(status);
  for (const auto& any : wire.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(StatusCodecTest, EveryReasonComesBackWithItsMetadataAndRetryHint) {
  for (const ReasonRow& row : ReasonTable()) {
    const absl::Status sent = WithRetryAfter(
        WithMetadata(Reject(row.reason, "what happened"), "limit", "17"), absl::Milliseconds(2250));
    const grpc::Status wire = ToGrpc(sent);
    EXPECT_EQ(static_cast<int>(wire.error_code()), static_cast<int>(row.code)) << row.name;
    EXPECT_EQ(Find<google::rpc::ErrorInfo>(wire)->reason(), row.name);
    EXPECT_EQ(Find<google::rpc::ErrorInfo>(wire)->domain(), "omninode");

    const absl::Status received = FromGrpc(wire);
    EXPECT_EQ(ReasonOf(received), row.reason) << row.name;
    EXPECT_EQ(received.code(), row.code) << row.name;
    EXPECT_EQ(Message(received), "what happened");
    EXPECT_EQ(MetadataOf(received), (RejectMetadata{{"limit", "17"}}));
    EXPECT_EQ(RetryAfterOf(received), absl::Milliseconds(2250));
  }
}

TEST(StatusCodecTest, OkIsOkInBothDirections) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_TRUE(OnWire(absl::OkStatus()).ok());
}

TEST(StatusCodecTest, ForeignAndUnknownNamespaceAreTheSameBytes) {
  const absl::Status foreign =
      WithMetadata(Reject(Reason::kNsForbidden, "tenant-b is not yours"), "namespace", "tenant-b");
  const absl::Status unknown = WithRetryAfter(
      Reject(Reason::kNamespaceUnknown, "tenant-x does not exist"), absl::Seconds(1));
  const grpc::Status a = ToGrpc(OnWire(foreign));
  const grpc::Status b = ToGrpc(OnWire(unknown));
  EXPECT_EQ(a.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(a.error_code(), b.error_code());
  EXPECT_EQ(a.error_message(), b.error_message());
  EXPECT_EQ(a.error_details(), b.error_details());
  EXPECT_EQ(ReasonOf(FromGrpc(a)), Reason::kNamespaceUnknown);
}

TEST(StatusCodecTest, HidesTheTextOfErrorsThatWereNotMadeForTheCaller) {
  for (const absl::Status& inner :
       {absl::UnknownError("canary /var/lib/x"), absl::NotFoundError("canary row 7"),
        Reject(Reason::kInternal, "canary"),
        WithMetadata(absl::DataLossError("canary"), "path", "canary")}) {
    const grpc::Status wire = ToGrpc(OnWire(inner));
    EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(wire.error_message().find("canary"), std::string::npos);
    EXPECT_EQ(wire.error_details().find("canary"), std::string::npos);
    EXPECT_EQ(ReasonOf(FromGrpc(wire)), Reason::kInternal);
  }
}

TEST(StatusCodecTest, ACancelledCallStaysCancelled) {
  EXPECT_EQ(ToGrpc(OnWire(absl::CancelledError("by the peer"))).error_code(),
            grpc::StatusCode::CANCELLED);
}

TEST(StatusCodecTest, NamesTheFieldInABadRequestForInvalidArgumentsOnly) {
  const absl::Status bad =
      WithMetadata(Reject(Reason::kNameInvalid, "not a DNS label"), "field", "nodes[3].namespace");
  const auto detail = Find<google::rpc::BadRequest>(ToGrpc(bad));
  ASSERT_TRUE(detail.has_value());
  ASSERT_EQ(detail->field_violations_size(), 1);
  EXPECT_EQ(detail->field_violations(0).field(), "nodes[3].namespace");
  EXPECT_EQ(detail->field_violations(0).description(), "not a DNS label");
  EXPECT_EQ(detail->field_violations(0).reason(), "NAME_INVALID");

  EXPECT_FALSE(Find<google::rpc::BadRequest>(
                   ToGrpc(WithMetadata(Reject(Reason::kReplay, "again"), "field", "body")))
                   .has_value());
  EXPECT_FALSE(
      Find<google::rpc::BadRequest>(ToGrpc(Reject(Reason::kNameInvalid, "bad"))).has_value());
}

TEST(StatusCodecTest, CutsWhatIsLongerThanItsBound) {
  const std::string fits(kMaxErrorMessageBytes, 'm');
  EXPECT_EQ(ToGrpc(Reject(Reason::kReplay, "{}", fits)).error_message(), fits);
  const std::string cut = ToGrpc(Reject(Reason::kReplay, "{}", fits + "m")).error_message();
  EXPECT_EQ(cut.size(), kMaxErrorMessageBytes);
  EXPECT_TRUE(cut.ends_with("..."));

  const std::string value(kMaxErrorValueBytes, 'v');
  const auto meta = [](std::string_view text) {
    return MetadataOf(FromGrpc(ToGrpc(WithMetadata(Reject(Reason::kReplay, "x"), "k", text))));
  };
  EXPECT_EQ(meta(value)["k"], value);
  EXPECT_EQ(meta(value + "v")["k"].size(), kMaxErrorValueBytes);
}

TEST(StatusCodecTest, SendsAtMostSoMuchMetadata) {
  absl::Status status = Reject(Reason::kReplay, "x");
  for (std::size_t i = 0; i < kMaxErrorMetadata; ++i) {
    status = WithMetadata(std::move(status), fmt::format("k{}", i), "v");
  }
  EXPECT_EQ(MetadataOf(FromGrpc(ToGrpc(status))).size(), kMaxErrorMetadata);
  status = WithMetadata(std::move(status), "one-more", "v");
  EXPECT_EQ(MetadataOf(FromGrpc(ToGrpc(status))).size(), kMaxErrorMetadata);

  const std::string key(kMaxErrorKeyBytes, 'k');
  const auto count = [](const std::string& name) {
    return MetadataOf(FromGrpc(ToGrpc(WithMetadata(Reject(Reason::kReplay, "x"), name, "v"))))
        .size();
  };
  EXPECT_EQ(count(key), 1u);
  EXPECT_EQ(count(key + "k"), 0u);
}

TEST(StatusCodecTest, TheLargestErrorFitsTheMetadataOfAClient) {
  absl::Status status = Reject(Reason::kNameInvalid, "{}", std::string(9000, '\xff'));
  for (int i = 0; i < 20; ++i) {
    status = WithMetadata(std::move(status), fmt::format("{:a<60}{}", "k", i), std::string(999, 1));
  }
  status = WithRetryAfter(WithMetadata(std::move(status), "field", std::string(999, 'f')),
                          absl::Hours(1));
  const grpc::Status wire = ToGrpc(status);
  // Base64 for the details, percent-encoding at worst for the text.
  EXPECT_LT(wire.error_details().size() * 4 / 3 + wire.error_message().size() * 3, 8192u);
  EXPECT_EQ(ReasonOf(FromGrpc(wire)), Reason::kNameInvalid);
}

TEST(StatusCodecTest, WithoutReadableDetailsKeepsCodeAndMessage) {
  const auto check = [](const grpc::Status& wire) {
    const absl::Status received = FromGrpc(wire);
    EXPECT_EQ(received.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(Message(received), "gone");
    EXPECT_EQ(ReasonOf(received), std::nullopt);
  };
  check(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"));
  check(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone", "\xff\xff not a message"));

  google::rpc::Status foreign;
  google::rpc::ErrorInfo info;
  info.set_reason("REPLAY");
  info.set_domain("example.org");
  foreign.add_details()->PackFrom(info);
  check(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone", foreign.SerializeAsString()));

  info.set_reason("A_REASON_OF_TOMORROW");
  info.set_domain("omninode");
  foreign.mutable_details(0)->PackFrom(info);
  check(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone", foreign.SerializeAsString()));
}

}  // namespace
}  // namespace omninode::rpc
