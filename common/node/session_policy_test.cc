#include "common/node/session_policy.h"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/envelope_body.h"

namespace omninode::node {
namespace {

using State = SessionPolicy::State;
using directory::Health;

directory::Introspection Content(std::string version = "1.0.0") {
  return directory::Introspection::Create({.ns = "tenant-a",
                                           .node_type = "worker",
                                           .node_id = "w1",
                                           .version = std::move(version)})
      .value();
}

Registration Granted(std::uint64_t handle = 7) {
  return {.position = {1, handle},
          .lease_handle = handle,
          .ttl = absl::Seconds(60),
          .renew_every = absl::Seconds(30),
          .decision = "d-1"};
}

absl::Status Stale(std::uint64_t last) {
  return WithMetadata(Reject(Reason::kStaleSequence, "old"), "last_sequence", std::to_string(last));
}

class SessionPolicyTest : public testing::Test {
 protected:
  void Advance(absl::Duration by) {
    now.wall += by;
    now.monotonic = now.monotonic + by;
  }
  template <typename T>
  T Expect() {
    const SessionPolicy::Action action = policy.Next(now);
    const T* wanted = std::get_if<T>(&action);
    EXPECT_NE(wanted, nullptr) << "another action: " << action.index();
    return wanted == nullptr ? std::get<T>(SessionPolicy::Action(T(Sample<T>()))) : *wanted;
  }
  // Waits as long as the policy wants to.
  absl::Duration Sleep() {
    const absl::Duration wait = Expect<SessionPolicy::Wait>().until - now.monotonic;
    Advance(wait);
    return wait;
  }
  void Register() {
    Expect<SessionPolicy::Register>();
    policy.OnRegistered(Granted(), now);
  }
  template <typename T>
  static T Sample() {
    if constexpr (std::is_same_v<T, SessionPolicy::Register>) {
      return {.content = Content(), .sequence = 0, .made_at = absl::UnixEpoch()};
    } else {
      return T{};
    }
  }

  SessionTime now{absl::FromUnixSeconds(1'800'000'000), MonotonicTime::SinceBoot(absl::Hours(1))};
  SessionPolicy policy{Content(), {.seed = 42}, now};
};

TEST_F(SessionPolicyTest, RegistersAtOnceWithTheTimeInMicroseconds) {
  EXPECT_EQ(policy.state(), State::kUnregistered);
  const auto message = Expect<SessionPolicy::Register>();
  EXPECT_EQ(message.sequence, 1'800'000'000'000'000u);
  EXPECT_EQ(message.made_at, now.wall);
  EXPECT_EQ(message.content, Content());
  EXPECT_EQ(policy.state(), State::kRegistering);
  policy.OnRegistered(Granted(), now);
  EXPECT_EQ(policy.state(), State::kRegistered);
  EXPECT_EQ(policy.registration(), Granted());
}

TEST_F(SessionPolicyTest, RetriesAnUnknownOutcomeWithTheSameSequenceAndContent) {
  const auto first = Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(absl::UnavailableError("gone"), now);
  const absl::Duration wait = Sleep();
  EXPECT_GE(wait, absl::Milliseconds(50));
  EXPECT_LE(wait, absl::Milliseconds(100));
  policy.SetHealth(Health::kDegraded, now);
  const auto second = Expect<SessionPolicy::Register>();
  EXPECT_EQ(second.sequence, first.sequence);
  EXPECT_EQ(second.made_at, first.made_at);
  EXPECT_EQ(second.content, first.content) << "another content needs another sequence";
  policy.OnRegistered(Granted(), now);
  EXPECT_EQ(Expect<LeaseBeat>().health, Health::kDegraded) << "told with a beat, at once";
}

TEST_F(SessionPolicyTest, AnUpdateGetsASequenceOfItsOwnWhileTheOutcomeIsUnknown) {
  const auto first = Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(absl::DeadlineExceededError("late"), now);
  policy.Update(Content("2.0.0"), now);
  const auto second = Expect<SessionPolicy::Register>();
  EXPECT_GT(second.sequence, first.sequence);
  EXPECT_EQ(second.content.version(), "2.0.0");
}

TEST_F(SessionPolicyTest, AnUpdateDuringTheCallFollowsItsAnswer) {
  Expect<SessionPolicy::Register>();
  policy.Update(Content("2.0.0"), now);
  policy.OnRegistered(Granted(), now);
  EXPECT_EQ(policy.state(), State::kRegistered);
  EXPECT_EQ(Expect<SessionPolicy::Register>().content.version(), "2.0.0");
  policy.OnRegistered(Granted(), now);
  Expect<SessionPolicy::Wait>();
}

TEST_F(SessionPolicyTest, ContinuesAboveTheLastSequenceThatTheRegistryTells) {
  const std::uint64_t ahead = 1'900'000'000'000'000;
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(Stale(ahead), now);
  Sleep();
  EXPECT_EQ(Expect<SessionPolicy::Register>().sequence, ahead + 1);
}

TEST_F(SessionPolicyTest, TakesAnotherSequenceWhenItsOwnIsTaken) {
  const auto first = Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(Reject(Reason::kIdempotencyKeyReused, "taken"), now);
  now.wall -= absl::Hours(1);
  now.monotonic = now.monotonic + absl::Seconds(1);
  EXPECT_EQ(Expect<SessionPolicy::Register>().sequence, first.sequence + 1)
      << "a clock that steps back does not lower it";
}

TEST_F(SessionPolicyTest, NeverGoesBeyondTheLargestSequence) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(Stale(std::numeric_limits<std::uint64_t>::max()), now);
  Sleep();
  EXPECT_EQ(Expect<SessionPolicy::Register>().sequence, envelope::kMaxSequence);
}

TEST_F(SessionPolicyTest, BacksOffLongerFromARefusalThanFromAFailure) {
  absl::Duration wait;
  for (int i = 0; i < 10; ++i) {
    Expect<SessionPolicy::Register>();
    policy.OnRegisterFailed(absl::UnavailableError("gone"), now);
    wait = Sleep();
    EXPECT_LE(wait, absl::Seconds(5));
  }
  EXPECT_GE(wait, absl::Milliseconds(2500));
  for (int i = 0; i < 10; ++i) {
    Expect<SessionPolicy::Register>();
    policy.OnRegisterFailed(Reject(Reason::kPolicyDenied, "no"), now);
    wait = Sleep();
    EXPECT_LE(wait, absl::Seconds(30));
  }
  EXPECT_GE(wait, absl::Seconds(15));
}

TEST_F(SessionPolicyTest, HonoursAHintUpToItsBound) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(WithRetryAfter(Reject(Reason::kLoadShed, "busy"), absl::Seconds(20)),
                          now);
  EXPECT_EQ(Sleep(), absl::Seconds(20));
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(WithRetryAfter(Reject(Reason::kLoadShed, "busy"), absl::Hours(9)), now);
  EXPECT_EQ(Sleep(), SessionPolicy::kMaxRetryHint);
}

TEST_F(SessionPolicyTest, BeatsAtHalfTheLeaseTimeWithJitter) {
  Register();
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    const absl::Duration wait = Sleep();
    EXPECT_GE(wait, absl::Seconds(27));
    EXPECT_LE(wait, absl::Seconds(33));
    const auto beat = Expect<LeaseBeat>();
    EXPECT_EQ(beat.lease_handle, 7u);
    EXPECT_GT(beat.sequence, last);
    last = beat.sequence;
    policy.OnBeatAnswered(BeatOutcome::kOk, now);
  }
  EXPECT_EQ(last, static_cast<std::uint64_t>(absl::ToUnixMillis(now.wall)));
}

TEST_F(SessionPolicyTest, BeatSequencesRiseAlsoWhenTheClockStepsBack) {
  Register();
  Sleep();
  const auto first = Expect<LeaseBeat>();
  policy.OnBeatAnswered(BeatOutcome::kRetry, now);
  now.wall -= absl::Hours(1);
  now.monotonic = now.monotonic + absl::Seconds(10);
  EXPECT_EQ(Expect<LeaseBeat>().sequence, first.sequence + 1);
}

TEST_F(SessionPolicyTest, RetriesAFailedBeatMuchEarlierThanTheLeaseEnds) {
  Register();
  Sleep();
  absl::Duration total;
  for (int i = 0; i < 8; ++i) {
    Expect<LeaseBeat>();
    policy.OnBeatFailed(now);
    total += Sleep();
  }
  EXPECT_LT(total, absl::Seconds(27));
  EXPECT_EQ(policy.state(), State::kRegistered) << "the registry decides when a lease is over";
}

TEST_F(SessionPolicyTest, RegistersAnewWhenTheLeaseIsUnknown) {
  const auto first = Expect<SessionPolicy::Register>();
  policy.OnRegistered(Granted(), now);
  Sleep();
  Expect<LeaseBeat>();
  policy.OnBeatAnswered(BeatOutcome::kReregister, now);
  EXPECT_EQ(policy.registration(), std::nullopt);
  EXPECT_GT(Expect<SessionPolicy::Register>().sequence, first.sequence);
}

TEST_F(SessionPolicyTest, RenewsByARegistrationWhenItsBeatsAreRefused) {
  for (const BeatOutcome outcome :
       {BeatOutcome::kMacInvalid, BeatOutcome::kStale, BeatOutcome::kForbidden}) {
    SessionPolicy fresh(Content(), {.seed = 1}, now);
    fresh.Next(now);
    fresh.OnRegistered(Granted(), now);
    Advance(absl::Seconds(40));
    ASSERT_TRUE(std::holds_alternative<LeaseBeat>(fresh.Next(now)));
    fresh.OnBeatAnswered(outcome, now);
    EXPECT_EQ(fresh.state(), State::kRegistered);
    ASSERT_TRUE(std::holds_alternative<SessionPolicy::Register>(fresh.Next(now)));
    fresh.OnRegistered(Granted(), now);
    EXPECT_TRUE(std::holds_alternative<SessionPolicy::Wait>(fresh.Next(now)));
  }
}

TEST_F(SessionPolicyTest, TellsAnotherHealthAtOnceAndOnce) {
  Register();
  Expect<SessionPolicy::Wait>();
  policy.SetHealth(Health::kDegraded, now);
  EXPECT_EQ(Expect<LeaseBeat>().health, Health::kDegraded);
  policy.SetHealth(Health::kNotServing, now);  // while that beat is under way
  policy.OnBeatAnswered(BeatOutcome::kOk, now);
  EXPECT_EQ(Expect<LeaseBeat>().health, Health::kNotServing);
  policy.OnBeatAnswered(BeatOutcome::kOk, now);
  policy.SetHealth(Health::kNotServing, now);
  Expect<SessionPolicy::Wait>();
}

TEST_F(SessionPolicyTest, ARotationSignsTheSameContentAnewAndReopensTheStream) {
  const auto first = Expect<SessionPolicy::Register>();
  policy.OnRegistered(Granted(), now);
  policy.SetHealth(Health::kDegraded, now);
  Expect<LeaseBeat>();
  policy.OnBeatAnswered(BeatOutcome::kOk, now);
  policy.OnRotated(now);
  const auto second = Expect<SessionPolicy::Register>();
  EXPECT_GT(second.sequence, first.sequence);
  EXPECT_EQ(second.content, Content().WithHealth(Health::kDegraded))
      << "new evidence must not undo what a beat told";
  policy.OnRegistered(Granted(), now);
  Expect<LeaseBeat>();
  policy.OnBeatAnswered(BeatOutcome::kOk, now);
  Expect<SessionPolicy::Wait>();
}

TEST_F(SessionPolicyTest, ARotationEndsTheBackoff) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(Reject(Reason::kCertExpired, "old"), now);
  Expect<SessionPolicy::Wait>();
  policy.OnRotated(now);
  Expect<SessionPolicy::Register>();
}

TEST_F(SessionPolicyTest, ARotationDoesNotHurryWhatFailsForAnotherReason) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(WithRetryAfter(Reject(Reason::kLoadShed, "too much"), absl::Seconds(20)),
                          now);
  policy.OnRotated(now);
  EXPECT_GE(Expect<SessionPolicy::Wait>().until, now.monotonic + absl::Seconds(20));
  Sleep();
  Expect<SessionPolicy::Register>();
  policy.OnRotated(now);  // while the answer is awaited
  policy.OnRegisterFailed(absl::UnavailableError("nobody there"), now);
  EXPECT_GT(Expect<SessionPolicy::Wait>().until, now.monotonic);
}

TEST_F(SessionPolicyTest, WhoWasNeverLetInTriesItsGoodbyeOnce) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(absl::UnavailableError("nobody there"), now);
  policy.RequestLeave("", now);
  Expect<SessionPolicy::Leave>();  // the registration may have arrived all the same
  policy.OnLeaveFailed(absl::UnavailableError("nobody there"), now);
  ASSERT_TRUE(policy.left().has_value());
  EXPECT_TRUE(absl::IsUnavailable(*policy.left()));
}

TEST_F(SessionPolicyTest, GoesOnBeatingWhileAnUpdateIsRefused) {
  Register();
  policy.Update(Content("2.0.0"), now);
  int beats = 0;
  for (int i = 0; i < 40 && beats < 3; ++i) {
    const SessionPolicy::Action action = policy.Next(now);
    if (const auto* wait = std::get_if<SessionPolicy::Wait>(&action)) {
      Advance(wait->until - now.monotonic);
    } else if (std::holds_alternative<LeaseBeat>(action)) {
      ++beats;
      policy.OnBeatAnswered(BeatOutcome::kOk, now);
    } else {
      policy.OnRegisterFailed(Reject(Reason::kPolicyDenied, "no"), now);
    }
  }
  EXPECT_EQ(beats, 3);
}

TEST_F(SessionPolicyTest, LeavesWithATombstoneAboveItsRegistration) {
  const auto registration = Expect<SessionPolicy::Register>();
  policy.OnRegistered(Granted(), now);
  Advance(absl::Seconds(5));
  policy.SetHealth(Health::kNotServing, now);
  policy.RequestLeave("scaled down", now);
  EXPECT_EQ(policy.state(), State::kLeaving);
  const auto leave = Expect<SessionPolicy::Leave>();
  EXPECT_GT(leave.sequence, registration.sequence);
  EXPECT_EQ(leave.uptime, absl::Seconds(5));
  EXPECT_EQ(leave.reason_text, "scaled down");
  EXPECT_EQ(leave.final_health, Health::kNotServing);
  policy.OnLeaveFailed(absl::UnavailableError("gone"), now);
  Sleep();
  EXPECT_EQ(Expect<SessionPolicy::Leave>().sequence, leave.sequence);
  policy.OnLeft();
  EXPECT_EQ(policy.state(), State::kLeft);
  EXPECT_EQ(policy.left(), absl::OkStatus());
  Expect<SessionPolicy::Done>();
}

TEST_F(SessionPolicyTest, LeavesWithoutAWordWhenItWasNeverLetIn) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(Reject(Reason::kPolicyDenied, "no"), now);
  policy.RequestLeave("", now);
  EXPECT_EQ(policy.left(), absl::OkStatus());
}

TEST_F(SessionPolicyTest, SaysGoodbyeToARegistrationThatMayHaveBeenAccepted) {
  Expect<SessionPolicy::Register>();
  policy.OnRegisterFailed(absl::UnavailableError("lost"), now);
  policy.RequestLeave("", now);
  Expect<SessionPolicy::Leave>();
  // The registration may arrive behind the first tombstone, so there is a second.
  policy.OnLeaveFailed(Reject(Reason::kNodeUnknown, "who"), now);
  EXPECT_EQ(policy.left(), std::nullopt);
  Sleep();
  Expect<SessionPolicy::Leave>();
  policy.OnLeaveFailed(Reject(Reason::kNodeUnknown, "who"), now);
  EXPECT_EQ(policy.left(), absl::OkStatus());
}

TEST_F(SessionPolicyTest, LeavesAboveASequenceItDidNotKnow) {
  Register();
  policy.RequestLeave("", now);
  const auto first = Expect<SessionPolicy::Leave>();
  policy.OnLeaveFailed(Stale(first.sequence + 10), now);
  Sleep();
  const auto second = Expect<SessionPolicy::Leave>();
  EXPECT_GT(second.sequence, first.sequence + 10);
}

TEST_F(SessionPolicyTest, GivesUpLeavingWhenItIsRefused) {
  Register();
  policy.RequestLeave("", now);
  Expect<SessionPolicy::Leave>();
  policy.OnLeaveFailed(Reject(Reason::kIdentityBanned, "banned"), now);
  ASSERT_TRUE(policy.left().has_value());
  EXPECT_EQ(ReasonOf(*policy.left()), Reason::kIdentityBanned);
  policy.OnLeft();
  EXPECT_FALSE(policy.left()->ok()) << "the first outcome stays";
}

TEST_F(SessionPolicyTest, DoesNothingElseOnceItLeaves) {
  Register();
  policy.RequestLeave("", now);
  Expect<SessionPolicy::Leave>();
  policy.Update(Content("2.0.0"), now);
  policy.OnRotated(now);
  policy.OnLeaveFailed(absl::UnavailableError("gone"), now);
  Sleep();
  Expect<SessionPolicy::Leave>();
  policy.Abandon(absl::DeadlineExceededError("late"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(*policy.left()));
  Expect<SessionPolicy::Done>();
}

// Whatever happens in whatever order: one sequence has one content and is never lower than an
// earlier one, beats rise, a wait always ends, and a session never acts once it has left.
RC_GTEST_PROP(SessionPolicyProperty, KeepsTheOrderOfItsMessages, ()) {
  SessionTime now{absl::FromUnixSeconds(1'800'000'000), MonotonicTime::SinceBoot(absl::Hours(1))};
  SessionPolicy policy(Content(), {.seed = *rc::gen::arbitrary<std::uint64_t>()}, now);
  std::map<std::uint64_t, std::string> contents;
  std::uint64_t last_beat = 0;
  std::uint64_t highest = 0;
  const auto sent = [&](std::uint64_t sequence, const std::string& content) {
    RC_ASSERT(sequence >= highest);
    highest = sequence;
    RC_ASSERT(contents.emplace(sequence, content).first->second == content);
  };
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i) {
    switch (*rc::gen::weightedElement<int>({{20, 0}, {2, 1}, {2, 2}, {2, 3}, {1, 4}, {2, 5}})) {
      case 1:
        policy.Update(Content(std::to_string(i)), now);
        break;
      case 2:
        policy.SetHealth(*rc::gen::element(Health::kServing, Health::kDegraded), now);
        break;
      case 3:
        policy.OnRotated(now);
        break;
      case 4:
        if (*rc::gen::inRange(0, 4) == 0) policy.RequestLeave("bye", now);
        break;
      case 5:
        now.wall += absl::Seconds(*rc::gen::inRange(-5000, 5000));
        break;
      default:
        break;
    }
    const SessionPolicy::Action action = policy.Next(now);
    if (policy.left().has_value()) {
      RC_ASSERT(std::holds_alternative<SessionPolicy::Done>(action));
      return;
    }
    const int outcome = *rc::gen::inRange(0, 5);
    const absl::Status failure =
        outcome == 1   ? absl::UnavailableError("gone")
        : outcome == 2 ? Stale(highest + static_cast<std::uint64_t>(*rc::gen::inRange(0, 100)))
        : outcome == 3 ? Reject(Reason::kPolicyDenied, "no")
                       : Reject(Reason::kIdempotencyKeyReused, "taken");
    if (const auto* wait = std::get_if<SessionPolicy::Wait>(&action)) {
      RC_ASSERT(wait->until > now.monotonic);
      RC_ASSERT(wait->until - now.monotonic <= absl::Minutes(2));
      now.wall += wait->until - now.monotonic;
      now.monotonic = wait->until;
    } else if (const auto* message = std::get_if<SessionPolicy::Register>(&action)) {
      sent(message->sequence,
           message->content.version() + std::string(NameOf(message->content.health())));
      outcome == 0 ? policy.OnRegistered(Granted(), now) : policy.OnRegisterFailed(failure, now);
    } else if (const auto* beat = std::get_if<LeaseBeat>(&action)) {
      RC_ASSERT(beat->sequence > last_beat);
      last_beat = beat->sequence;
      const auto answer = static_cast<BeatOutcome>(*rc::gen::inRange(0, 7));
      answer == BeatOutcome{} ? policy.OnBeatFailed(now) : policy.OnBeatAnswered(answer, now);
    } else if (const auto* leave = std::get_if<SessionPolicy::Leave>(&action)) {
      sent(leave->sequence, "tombstone");
      outcome == 0 ? policy.OnLeft() : policy.OnLeaveFailed(failure, now);
    }
  }
}

}  // namespace
}  // namespace omninode::node
