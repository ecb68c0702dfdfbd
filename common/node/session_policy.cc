#include "common/node/session_policy.h"

#include <algorithm>
#include <utility>

#include "common/base/reason.h"
#include "common/base/text.h"
#include "common/envelope/envelope_body.h"

namespace omninode::node {
namespace {

// Whether the answer proves that this message was not and will not be accepted.
bool IsRefusal(const absl::Status& status) {
  return ReasonOf(status).has_value() && !absl::IsUnavailable(status) &&
         !absl::IsDeadlineExceeded(status) && !absl::IsInternal(status);
}

bool IsSequenceTaken(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason == Reason::kStaleSequence || reason == Reason::kIdempotencyKeyReused;
}

// Whether another attempt soon may go better without anybody's help.
bool MaySucceedSoon(const absl::Status& status) {
  if (!IsRefusal(status) || IsSequenceTaken(status)) return true;
  const Reason reason = *ReasonOf(status);
  return reason == Reason::kMessageExpired || RowOf(reason).retry_helps;
}

}  // namespace

SessionPolicy::SessionPolicy(directory::Introspection content, const Options& options,
                             const SessionTime& start)
    : options_(options),
      start_(start),
      retry_(options.retry, options.seed),
      refused_(options.refused, options.seed + 1),
      beat_retry_(options.retry, options.seed + 2),
      jitter_(options.seed),
      content_(std::move(content)),
      register_at_(start.monotonic) {}

SessionPolicy::State SessionPolicy::state() const {
  if (left_.has_value()) return State::kLeft;
  if (leaving_) return State::kLeaving;
  if (registration_.has_value()) return State::kRegistered;
  return register_in_flight_ ? State::kRegistering : State::kUnregistered;
}

SessionPolicy::Action SessionPolicy::Next(const SessionTime& now) {
  if (left_.has_value()) return Done{};
  if (leaving_) return NextLeave(now);
  MonotonicTime until = MonotonicTime::InfiniteFuture();
  if (wants_register_) {
    if (register_at_ <= now.monotonic) return StartRegister(now);
    until = register_at_;
  }
  if (registration_.has_value()) {
    if (beat_at_ <= now.monotonic) return StartBeat(now);
    until = std::min(until, beat_at_);
  }
  return Wait{until};
}

SessionPolicy::Action SessionPolicy::StartRegister(const SessionTime& now) {
  if (!attempt_.has_value() || attempt_->revision != revision_) {
    attempt_ =
        Attempt{.message = {content_, NextSequence(now.wall), now.wall}, .revision = revision_};
  }
  register_in_flight_ = true;
  return attempt_->message;
}

void SessionPolicy::OnRegistered(const Registration& registration, const SessionTime& now) {
  register_in_flight_ = false;
  retrying_ = false;
  was_registered_ = true;
  outcome_open_ = leaving_;  // there is something to leave
  if (leaving_) return;
  registration_ = registration;
  const bool told_health = attempt_->message.content.health() == content_.health();
  wants_register_ = attempt_->revision != revision_;
  attempt_.reset();
  register_at_ = now.monotonic;
  retry_.Reset();
  refused_.Reset();
  beat_retry_.Reset();
  ScheduleBeat(now);
  if (std::exchange(beat_soon_, false) || !told_health) beat_at_ = now.monotonic;
}

void SessionPolicy::OnRegisterFailed(const absl::Status& status, const SessionTime& now) {
  register_in_flight_ = false;
  if (!IsRefusal(status)) outcome_open_ = true;
  if (leaving_) return;
  retrying_ = MaySucceedSoon(status);
  // What was refused may be accepted as it is now, after a rotation or an update meanwhile.
  const bool overtaken = attempt_->revision != revision_ && !retrying_;
  if (IsSequenceTaken(status)) {
    LearnLastSequence(status);
    attempt_.reset();
  }
  register_at_ = now.monotonic + (overtaken ? absl::ZeroDuration() : DelayAfter(status));
}

SessionPolicy::Action SessionPolicy::StartBeat(const SessionTime& now) {
  const std::int64_t wall_ms = absl::ToUnixMillis(now.wall);
  last_beat_ =
      std::max(last_beat_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ms, 0)));
  beat_health_ = content_.health();
  return LeaseBeat{registration_->lease_handle, last_beat_, beat_health_};
}

void SessionPolicy::OnBeatAnswered(BeatOutcome outcome, const SessionTime& now) {
  if (leaving_) return;
  switch (outcome) {
    case BeatOutcome::kOk:
      beat_retry_.Reset();
      ScheduleBeat(now);
      if (beat_health_ != content_.health()) beat_at_ = now.monotonic;
      return;
    case BeatOutcome::kReregister:
      registration_.reset();
      RequestRegister(now);
      return;
    case BeatOutcome::kMacInvalid:
    case BeatOutcome::kStale:
    case BeatOutcome::kForbidden:
      // The lease may live, but beats do not renew it; a registration does, brings a new key, and
      // is told when the clock is wrong.
      ScheduleBeat(now);
      RequestRegister(now);
      return;
    case BeatOutcome::kRetry:
      OnBeatFailed(now);
      return;
  }
}

void SessionPolicy::OnBeatFailed(const SessionTime& now) {
  if (leaving_ || !registration_.has_value()) return;
  beat_at_ = now.monotonic + std::min(beat_retry_.Next(), registration_->ttl / 8);
}

void SessionPolicy::ScheduleBeat(const SessionTime& now) {
  beat_at_ = now.monotonic + Jittered(registration_->renew_every, options_.beat_jitter, ++jitter_);
}

void SessionPolicy::Update(directory::Introspection content, const SessionTime& now) {
  content_ = std::move(content);
  RequestRegister(now);
}

void SessionPolicy::SetHealth(directory::Health health, const SessionTime& now) {
  if (health == content_.health()) return;
  content_ = content_.WithHealth(health);
  beat_at_ = now.monotonic;
}

void SessionPolicy::OnRotated(const SessionTime& now) {
  beat_soon_ = registration_.has_value();  // opens the stream of the new certificate
  if (leaving_) return;
  if (!retrying_) return RequestRegister(now);
  ++revision_;  // a new certificate brings no absent registry back: the next attempt has it
}

void SessionPolicy::RequestRegister(const SessionTime& now) {
  if (leaving_) return;
  ++revision_;
  retrying_ = false;
  wants_register_ = true;
  register_at_ = now.monotonic;
  retry_.Reset();
  refused_.Reset();
}

void SessionPolicy::RequestLeave(std::string reason_text, const SessionTime& now) {
  if (leaving_) return;
  leaving_ = true;
  reason_text_ = std::move(reason_text);
  leave_at_ = now.monotonic;
  retry_.Reset();
  // Who was never let in has nothing to say goodbye to.
  if (!registration_.has_value() && !outcome_open_ && !register_in_flight_) OnLeft();
}

SessionPolicy::Action SessionPolicy::NextLeave(const SessionTime& now) {
  if (leave_at_ > now.monotonic) return Wait{leave_at_};
  if (!leave_.has_value()) {
    leave_ = Leave{.final_health = content_.health(),
                   .uptime = std::max(now.monotonic - start_.monotonic, absl::ZeroDuration()),
                   .reason_text = reason_text_,
                   .sequence = NextSequence(now.wall),
                   .made_at = now.wall};
  }
  return *leave_;
}

void SessionPolicy::OnLeft() { Abandon(absl::OkStatus()); }

void SessionPolicy::OnLeaveFailed(const absl::Status& status, const SessionTime& now) {
  if (left_.has_value()) return;
  const auto reason = ReasonOf(status);
  if (reason == Reason::kNodeUnknown || reason == Reason::kNamespaceUnknown) {
    // A registration that was cut off may still arrive after the first goodbye.
    if (!std::exchange(outcome_open_, false)) return OnLeft();
  } else if (IsSequenceTaken(status)) {
    LearnLastSequence(status);
    leave_.reset();
  } else if (!MaySucceedSoon(status) || (!was_registered_ && !IsRefusal(status))) {
    // The lease that an unanswered registration may have left behind ends by itself.
    return Abandon(status);
  }
  leave_at_ = now.monotonic + DelayAfter(status);
}

void SessionPolicy::Abandon(const absl::Status& status) {
  leaving_ = true;
  registration_.reset();
  if (!left_.has_value()) left_ = status;
}

std::uint64_t SessionPolicy::NextSequence(absl::Time wall) {
  const auto micros =
      static_cast<std::uint64_t>(std::max<std::int64_t>(absl::ToUnixMicros(wall), 1));
  last_sequence_ = std::min(std::max(last_sequence_ + 1, micros), envelope::kMaxSequence);
  return last_sequence_;
}

void SessionPolicy::LearnLastSequence(const absl::Status& status) {
  const RejectMetadata metadata = MetadataOf(status);
  const auto told = metadata.find("last_sequence");
  if (told == metadata.end()) return;
  const std::uint64_t value = ParseUint64(told->second).value_or(0);
  last_sequence_ = std::max(last_sequence_, std::min(value, envelope::kMaxSequence));
}

absl::Duration SessionPolicy::DelayAfter(const absl::Status& status) {
  const absl::Duration delay = (MaySucceedSoon(status) ? retry_ : refused_).Next();
  const absl::Duration hint = RetryAfterOf(status).value_or(absl::ZeroDuration());
  return std::max(delay, std::min(hint, kMaxRetryHint));
}

}  // namespace omninode::node
