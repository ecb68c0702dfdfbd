#include <csignal>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/envelope/type_codec.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"
#include "tools/testbed/wait.h"

// T8 wrong clocks, T11 messages from long ago.
namespace omninode::rejections {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(120);
constexpr absl::Duration kOldCertificate = absl::Minutes(30);

// As if the signer's clock were so far off.
EnvelopeBody SignedAt(World& world, const Actor& node, absl::Duration offset) {
  EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
  const absl::Time then = absl::Now() + offset;
  *body.mutable_timestamp() = envelope::Encode(then);
  *body.mutable_signed_at() = envelope::Encode(then);
  body.set_sequence(static_cast<std::uint64_t>(absl::ToUnixMicros(then)));
  return body;
}

// A node whose certificate has been valid for `age` and whose clock is off by `offset`.
Runner WithClock(absl::Duration offset, absl::Duration age = absl::Minutes(1)) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode(kTenant, {.age = age});
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, SignedAt(world, node, offset)));
    if (outcome.status.ok()) return;
    // With it a node can find out that its clock is wrong.
    EXPECT_NE(DetailOf(outcome.status).metadata.find("server_time=20"), std::string::npos)
        << DetailOf(outcome.status).metadata;
  };
}

void AddClocks(Runners& rows) {
  rows["T8.ten_minutes_ahead"] = WithClock(absl::Minutes(10));
  rows["T8.ten_minutes_behind"] = WithClock(-absl::Minutes(10));
  rows["T8.just_outside_the_window"] = WithClock(kWindow + absl::Seconds(5));
  rows["T8.just_inside_the_window"] = WithClock(kWindow - absl::Seconds(5));
  rows["T8.sequence_from_the_future"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    body.set_sequence(body.sequence() + absl::ToInt64Microseconds(absl::Hours(1)));
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
  rows["T8.tombstone_ten_minutes_ahead"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    EnvelopeBody body = BodyOf(world, node, GoodbyeOf(node));
    *body.mutable_signed_at() = envelope::Encode(absl::Now() + absl::Minutes(10));
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, Sign(node, body));
  };
}

// Accepted just before the window closed, sent again after that.
void KnownRetryOutsideTheWindow(World& world, Outcome& outcome) {
  const Actor node = world.NewNode(kTenant, {.age = kOldCertificate});
  const absl::Duration age = kWindow - absl::Seconds(2);
  const SignedEnvelope envelope = Sign(node, SignedAt(world, node, -age));
  const absl::Time closes = absl::Now() - age + kWindow;
  registry::v1::RegisterResponse first;
  registry::v1::RegisterResponse again;
  ASSERT_TRUE(Register(world, node, envelope, &first).ok());
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] { return absl::Now() > closes + absl::Seconds(1); }));
  outcome.status = Register(world, node, envelope, &again);
  EXPECT_EQ(again.position().version(), first.position().version());
}

void KnownAfterARestart(World& world, Outcome& outcome) {
  const Actor node = world.NewNode();
  const SignedEnvelope envelope = Registration(world, node);
  registry::v1::RegisterResponse first;
  registry::v1::RegisterResponse again;
  ASSERT_TRUE(Register(world, node, envelope, &first).ok());
  const absl::Status restarted = world.cluster().RestartRegistry(SIGKILL);
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(testbed::WaitUntil(kSoon, [&] {
    outcome.status = Register(world, node, envelope, &again);
    return outcome.status.error_code() != grpc::StatusCode::UNAVAILABLE;
  }));
  EXPECT_EQ(again.position().version(), first.position().version());
}

void AddOldMessages(Runners& rows) {
  rows["T11.outside_the_window"] = WithClock(-absl::Minutes(10), kOldCertificate);
  rows["T11.known_retry_outside_the_window"] = KnownRetryOutsideTheWindow;
  rows["T11.known_after_a_restart"] = KnownAfterARestart;
  rows["T11.old_message_of_a_node_that_is_there"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode(kTenant, {.age = kOldCertificate});
    ASSERT_TRUE(Register(world, node, Sign(node, SignedAt(world, node, -absl::Seconds(110)))).ok());
    // A newer one than the accepted, but kept back for too long.
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    *body.mutable_signed_at() = envelope::Encode(absl::Now() - absl::Minutes(3));
    body.set_sequence(
        static_cast<std::uint64_t>(absl::ToUnixMicros(absl::Now() - absl::Seconds(90))));
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
}

}  // namespace

void AddTimeRows(Runners& rows) {
  AddClocks(rows);
  AddOldMessages(rows);
}

}  // namespace omninode::rejections
