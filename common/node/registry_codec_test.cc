#include "common/node/registry_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/envelope/type_codec.h"

namespace omninode::node {
namespace {

namespace v1 = registry::v1;

std::string FieldOf(const absl::Status& status) { return MetadataOf(status)["field"]; }

v1::RegisterResponse Answer() {
  v1::RegisterResponse message;
  *message.mutable_position() = envelope::Encode(directory::Position{1, 4});
  message.mutable_lease()->set_handle(4);
  *message.mutable_lease()->mutable_ttl() = envelope::Encode(absl::Seconds(60));
  *message.mutable_lease()->mutable_renew_every() = envelope::Encode(absl::Seconds(20));
  message.mutable_lease()->set_key("secret");
  message.set_decision("d-1");
  return message;
}

TEST(RegistryCodecTest, ReadsARegistration) {
  const auto answer = Decode(Answer());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->registration, (Registration{.position = {1, 4},
                                                .lease_handle = 4,
                                                .ttl = absl::Seconds(60),
                                                .renew_every = absl::Seconds(20),
                                                .decision = "d-1"}));
  EXPECT_EQ(answer->lease_key->value(), "secret");
}

TEST(RegistryCodecTest, RenewsAtHalfTheLeaseTimeWhenToldNothingSensible) {
  auto message = Answer();
  message.mutable_lease()->clear_renew_every();
  EXPECT_EQ(Decode(message)->registration.renew_every, absl::Seconds(30));
  *message.mutable_lease()->mutable_renew_every() = envelope::Encode(absl::Seconds(60));
  EXPECT_EQ(Decode(message)->registration.renew_every, absl::Seconds(30));
}

TEST(RegistryCodecTest, RefusesALeaseThatIsNone) {
  auto message = Answer();
  message.mutable_lease()->set_handle(0);
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kMsgMalformed);
  message = Answer();
  message.mutable_lease()->clear_ttl();
  EXPECT_EQ(ReasonOf(Decode(message).status()), Reason::kMsgMalformed);
  message = Answer();
  message.mutable_lease()->mutable_ttl()->set_nanos(-1);
  EXPECT_EQ(FieldOf(Decode(message).status()), "lease.ttl");
}

v1::Tombstone Gone() {
  v1::Tombstone message;
  message.set_namespace_("tenant-a");
  message.set_node_id("w1");
  message.set_node_type("worker");
  message.set_reason(type::v1::REMOVAL_REASON_LEASE_EXPIRED);
  message.set_reason_text("silent");
  message.set_actor("spiffe://example.org/service/registry/registry-1");
  *message.mutable_position() = envelope::Encode(directory::Position{1, 8});
  *message.mutable_removed_at() = envelope::Encode(absl::FromUnixSeconds(77));
  *message.mutable_uptime() = envelope::Encode(absl::Minutes(3));
  message.set_final_health(type::v1::HEALTH_DEGRADED);
  return message;
}

TEST(RegistryCodecTest, ReadsATombstone) {
  const auto tombstone = Decode(Gone());
  ASSERT_TRUE(tombstone.ok()) << tombstone.status();
  EXPECT_EQ(tombstone->node.id.value(), "w1");
  EXPECT_EQ(tombstone->reason, directory::RemovalReason::kLeaseExpired);
  EXPECT_EQ(tombstone->reason_text, "silent");
  EXPECT_EQ(tombstone->removed_at, directory::Position(1, 8));
  EXPECT_EQ(tombstone->removed_time, absl::FromUnixSeconds(77));
  EXPECT_EQ(tombstone->uptime, absl::Minutes(3));
  EXPECT_EQ(tombstone->final_health, directory::Health::kDegraded);
}

TEST(RegistryCodecTest, NamesTheFieldOfABadTombstone) {
  auto message = Gone();
  message.set_reason(type::v1::REMOVAL_REASON_UNSPECIFIED);
  EXPECT_EQ(FieldOf(Decode(message).status()), "reason");
  message = Gone();
  message.set_node_type("No");
  EXPECT_EQ(FieldOf(Decode(message).status()), "node_type");
  message = Gone();
  message.set_reason_text("a\x1b[31m");
  EXPECT_EQ(FieldOf(Decode(message).status()), "reason_text");
}

TEST(RegistryCodecTest, NamespaceRulesSurviveTheWay) {
  const NamespaceRules rules{.default_ttl = absl::Seconds(4),
                             .min_ttl = absl::Seconds(2),
                             .max_ttl = absl::Seconds(9),
                             .max_nodes = 12};
  v1::Namespace message;
  message.set_namespace_("tenant-a");
  *message.mutable_limits() = Encode(rules);
  message.set_nodes(3);
  const auto record = Decode(message);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->rules, rules);
  EXPECT_EQ(record->nodes, 3u);
  EXPECT_FALSE(Encode(NamespaceRules()).has_default_ttl());
}

TEST(RegistryCodecTest, AnOutcomeOfTheFutureMeansTryAgain) {
  EXPECT_EQ(Decode(v1::BEAT_OUTCOME_OK), BeatOutcome::kOk);
  EXPECT_EQ(Decode(v1::BEAT_OUTCOME_RETRY), BeatOutcome::kRetry);
  EXPECT_EQ(Decode(v1::BEAT_OUTCOME_UNSPECIFIED), BeatOutcome::kRetry);
  EXPECT_EQ(Decode(static_cast<v1::BeatOutcome>(99)), BeatOutcome::kRetry);
}

}  // namespace
}  // namespace omninode::node
