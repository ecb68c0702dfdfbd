#include "tests/simulation/node.h"

#include <algorithm>
#include <utility>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"

namespace omninode::registry::simulation {
namespace {

constexpr absl::Duration kAnswerTimeout = absl::Seconds(2);

}  // namespace

Command NodeMessage::ToCommand() const {
  if (kind == MessageKind::kGoodbye) return testing::Goodbye(spec);
  return testing::Registration(spec);
}

Node::Node(std::string ns, std::string id, Random random, Deps deps)
    : ref_{*NamespaceName::Parse(ns), *NodeId::Parse(id)},
      random_(random),
      deps_(std::move(deps)),
      renews_by_registering_(random_.Below(4) == 0) {
  content_.ns = std::move(ns);
  content_.id = std::move(id);
  content_.sequence = 0;
  quiet_until_ = deps_.clock.Monotonic() + random_.Between(absl::ZeroDuration(), absl::Seconds(3));
}

void Node::Act(bool calm) {
  const MonotonicTime now = deps_.clock.Monotonic();
  calm_ = calm;
  if (now < quiet_until_) return;
  if (lease_.has_value() && now >= next_beat_) Renew();
  if (pending_.has_value()) {
    if (now < pending_->retry_at) return;
    pending_->retry_at = now + kAnswerTimeout;
    deps_.send(*this, pending_->message);
    return;
  }
  if (!lease_.has_value()) {
    if (!calm && random_.Permille(20)) wants_in_ = !wants_in_;
    if (calm) wants_in_ = true;
    if (wants_in()) Register(/*changed=*/false);
    return;
  }
  if (calm) return;
  const std::uint64_t chance = random_.Below(1000);
  if (chance < 15) return Register(/*changed=*/true);
  if (chance < 22) return Register(/*changed=*/false);
  if (chance < 30) {
    wants_in_ = random_.Below(2) == 0;
    return Begin(MessageKind::kGoodbye);
  }
  if (chance < 40) return FallSilent(random_.Between(absl::ZeroDuration(), 3 * ttl_));
  if (chance < 50) {
    health_ = static_cast<directory::Health>(1 + random_.Below(3));
    next_beat_ = now;
  }
}

void Node::Register(bool changed) {
  if (changed) {
    static constexpr const char* kZones[] = {"", "north", "south"};
    static constexpr const char* kEpochs[] = {"", "blue", "green"};
    content_.capability = std::to_string(random_.Below(3));
    content_.zone = kZones[random_.Below(3)];
    content_.epoch = kEpochs[random_.Below(3)];
    content_.leaf = random_.Below(2) == 0 ? "leaf-1" : "leaf-2";
    content_.ttl = absl::Seconds(static_cast<std::int64_t>(random_.Below(4)) * 2);
  }
  Begin(MessageKind::kRegister);
}

void Node::Begin(MessageKind kind) {
  content_.sequence = std::max(content_.sequence + 1,
                               static_cast<std::uint64_t>(absl::ToUnixMicros(deps_.clock.Now())));
  pending_ = Pending{{kind, content_}, deps_.clock.Monotonic() + kAnswerTimeout};
  sent_.push_back(pending_->message);
  deps_.send(*this, pending_->message);
}

void Node::Renew() {
  const MonotonicTime now = deps_.clock.Monotonic();
  if (renews_by_registering_) {
    if (!pending_.has_value()) Register(/*changed=*/false);
    return;
  }
  next_beat_ = now + random_.Between(ttl_ / 3, ttl_ / 2);
  last_beat_ms_ = std::max(last_beat_ms_ + 1,
                           static_cast<std::uint64_t>(absl::ToUnixMillis(deps_.clock.Now())));
  deps_.beat(*this, {*lease_, last_beat_ms_, health_});
}

void Node::OnBeat(LeaseHandle handle, BeatVerdict verdict) {
  if (verdict != BeatVerdict::kUnknown || lease_ != handle) return;
  deps_.journal.Line("{} has to register again", ref_.id.value());
  deps_.journal.Count("told to register again");
  lease_.reset();
  if (!pending_.has_value()) Register(/*changed=*/false);
}

void Node::OnAnswer(const NodeMessage& message, const absl::StatusOr<Answer>& answer) {
  // An answer that nobody waits for any more tells nothing.
  if (!pending_.has_value() || pending_->message.spec.sequence != message.spec.sequence) return;
  if (!answer.ok()) return OnRefusal(answer.status());
  pending_.reset();
  if (const auto* registered = std::get_if<Registered>(&*answer)) {
    lease_ = registered->lease;
    ttl_ = registered->ttl;
    next_beat_ = deps_.clock.Monotonic() +
                 (renews_by_registering_ && !calm_ ? random_.Between(ttl_ / 2, ttl_) : ttl_ / 2);
    // A registration says again how the node is.
    health_ = directory::Health::kServing;
  } else {
    lease_.reset();
  }
}

void Node::OnRefusal(const absl::Status& status) {
  const MonotonicTime now = deps_.clock.Monotonic();
  const Reason reason = ReasonOf(status).value_or(Reason::kInternal);
  switch (reason) {
    case Reason::kStoreUnavailable:
    case Reason::kNotOwner:
    case Reason::kLoadShed:
      pending_->retry_at = now + random_.Between(absl::Milliseconds(200), absl::Seconds(1));
      return;
    case Reason::kStaleSequence: {
      // It has left or expired since, or a message was overtaken: say something newer.
      const auto metadata = MetadataOf(status);
      const auto last = ParseUint64(
          metadata.contains("last_sequence") ? metadata.at("last_sequence") : std::string());
      if (last.has_value()) content_.sequence = std::max(content_.sequence, *last);
      lease_.reset();
      pending_.reset();
      return;
    }
    case Reason::kNodeUnknown:
      lease_.reset();
      pending_.reset();
      return;
    case Reason::kIdentityBanned:
      lease_.reset();
      pending_.reset();
      wants_in_ = false;
      quiet_until_ = now + absl::Seconds(5);
      return;
    case Reason::kQuotaNodes:
    case Reason::kNamespaceUnknown:
      pending_.reset();
      quiet_until_ = now + random_.Between(absl::Milliseconds(500), absl::Seconds(3));
      return;
    default:
      deps_.journal.Violation("{} was refused: {}", ref_.id.value(), status.ToString());
      pending_.reset();
  }
}

void Node::FallSilent(absl::Duration how_long) {
  deps_.journal.Line("{} is silent for {}", ref_.id.value(), absl::FormatDuration(how_long));
  deps_.journal.Count("silences");
  quiet_until_ = std::max(quiet_until_, deps_.clock.Monotonic() + how_long);
}

const NodeMessage* Node::AnyOldMessage(Random& random) const {
  if (sent_.empty()) return nullptr;
  return &sent_[random.Below(sent_.size())];
}

}  // namespace omninode::registry::simulation
