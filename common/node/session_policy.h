#ifndef OMNINODE_COMMON_NODE_SESSION_POLICY_H_
#define OMNINODE_COMMON_NODE_SESSION_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <absl/status/status.h>
#include <absl/time/time.h>

#include "common/directory/health.h"
#include "common/directory/introspection.h"
#include "common/node/registry_records.h"
#include "common/time/backoff.h"
#include "common/time/monotonic_time.h"

namespace omninode::node {

// Both times of one moment: wall time makes sequences, monotonic time makes deadlines.
struct SessionTime {
  absl::Time wall;
  MonotonicTime monotonic;
};

// What a node does next to be in the directory and to stay there. Pure: the driver (NodeSession)
// does the I/O and the waiting, and tells what came of it. Not thread-safe.
//
// Next() says what to do. Register, Beat and Leave are done one at a time, and each is answered by
// exactly one call of its On...() pair before Next() is asked again; requests may come meanwhile.
//
// Rules. One content has one sequence, however often it is signed for a retry, and no two contents
// share one; sequences rise also over restarts as long as the clock does, and jump above the
// registry's last one when it tells it. While a new description is refused the old lease is beaten
// on. A session that may be registered leaves with a tombstone; one that never heard that it is
// tries so once.
class SessionPolicy final {
 public:
  enum class State : std::uint8_t {
    kUnregistered,
    kRegistering,  // not registered, and an answer is awaited
    kRegistered,
    kLeaving,
    kLeft,
  };

  struct Options {
    Backoff::Options retry = {.initial = absl::Milliseconds(100), .max = absl::Seconds(5)};
    // For answers that the same request will get again, unless somebody does something.
    Backoff::Options refused = {.initial = absl::Seconds(1), .max = absl::Seconds(30)};
    double beat_jitter = 0.1;  // of the renewal interval, in both directions
    std::uint64_t seed = 0;
  };
  // No hint of a registry delays an attempt by more.
  static constexpr absl::Duration kMaxRetryHint = absl::Minutes(1);

  struct Register {
    directory::Introspection content;
    std::uint64_t sequence = 0;
    absl::Time made_at;  // with the content: the same in each retry
  };
  struct Leave {
    directory::Health final_health;
    absl::Duration uptime;
    std::string reason_text;
    std::uint64_t sequence = 0;
    absl::Time made_at;
  };
  struct Wait {
    MonotonicTime until;
  };
  struct Done {};
  using Action = std::variant<Register, LeaseBeat, Leave, Wait, Done>;

  SessionPolicy(directory::Introspection content, const Options& options, const SessionTime& start);

  Action Next(const SessionTime& now);

  void OnRegistered(const Registration& registration, const SessionTime& now);
  void OnRegisterFailed(const absl::Status& status, const SessionTime& now);
  void OnBeatAnswered(BeatOutcome outcome, const SessionTime& now);
  void OnBeatFailed(const SessionTime& now);
  void OnLeft();
  void OnLeaveFailed(const absl::Status& status, const SessionTime& now);

  // Requests. After RequestLeave the others do nothing.
  void Update(directory::Introspection content, const SessionTime& now);
  void SetHealth(directory::Health health, const SessionTime& now);
  // The same content is to be signed with a new certificate: new evidence, new sequence.
  void OnRotated(const SessionTime& now);
  // `reason_text` passes directory::CheckReasonText. Only the first call counts.
  void RequestLeave(std::string reason_text, const SessionTime& now);
  // Nothing more is tried; `status` becomes left(), unless it has left already.
  void Abandon(const absl::Status& status);

  State state() const;
  const std::optional<Registration>& registration() const { return registration_; }
  // The outcome of leaving; nullopt before kLeft.
  const std::optional<absl::Status>& left() const { return left_; }

 private:
  struct Attempt {
    Register message;
    std::uint64_t revision = 0;
  };

  Action StartRegister(const SessionTime& now);
  Action StartBeat(const SessionTime& now);
  Action NextLeave(const SessionTime& now);
  void RequestRegister(const SessionTime& now);
  void ScheduleBeat(const SessionTime& now);
  std::uint64_t NextSequence(absl::Time wall);
  void LearnLastSequence(const absl::Status& status);
  absl::Duration DelayAfter(const absl::Status& status);

  const Options options_;
  const SessionTime start_;
  Backoff retry_;
  Backoff refused_;
  Backoff beat_retry_;
  std::uint64_t jitter_;

  directory::Introspection content_;
  std::uint64_t revision_ = 1;  // counts what needs a sequence of its own
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_beat_ = 0;

  std::optional<Registration> registration_;
  bool wants_register_ = true;
  MonotonicTime register_at_;
  std::optional<Attempt> attempt_;  // sent, and not known to have been answered for good
  bool register_in_flight_ = false;
  bool outcome_open_ = false;  // an attempt may have been, or may yet be, accepted
  bool retrying_ = false;      // the last attempt failed for a reason that may pass by itself
  bool was_registered_ = false;

  MonotonicTime beat_at_;
  bool beat_soon_ = false;                                       // as soon as there is a lease
  directory::Health beat_health_ = directory::Health::kServing;  // of the beat under way

  bool leaving_ = false;
  std::string reason_text_;
  std::optional<Leave> leave_;
  MonotonicTime leave_at_;
  std::optional<absl::Status> left_;
};

}  // namespace omninode::node

#endif  // OMNINODE_COMMON_NODE_SESSION_POLICY_H_
