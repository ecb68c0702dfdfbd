#include "services/registry/topology/sequence_rule.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "services/registry/topology/testing/commands.h"

namespace omninode::registry {
namespace {

using testing::NodeSpec;
using testing::Registration;

Node LiveNode(const NodeSpec& spec) {
  const RegisterCommand command = Registration(spec);
  const Admitted& admitted = command.admitted;
  return {.view = nullptr,
          .lease = {},
          .last_message = {admitted.sequence, admitted.digest, 1, admitted.submitter},
          .signer = admitted.signer,
          .evidence = admitted.evidence};
}

std::optional<Reason> Verdict(const NodeSpec& last, const NodeSpec& now) {
  const Node live = LiveNode(last);
  return ReasonOf(JudgeSequence(Registration(now).admitted, &live, nullptr).status());
}

TEST(SequenceRuleTest, WhatWasNeverSeenIsNew) {
  const auto verdict = JudgeSequence(Registration({}).admitted, nullptr, nullptr);
  EXPECT_EQ(*verdict, SequenceVerdict::kNew);
}

TEST(SequenceRuleTest, AboveEqualAndBelow) {
  const Node live = LiveNode({.sequence = 10});
  const auto judge = [&](const NodeSpec& spec) {
    return JudgeSequence(Registration(spec).admitted, &live, nullptr);
  };
  EXPECT_EQ(*judge({.sequence = 11}), SequenceVerdict::kNew);
  EXPECT_EQ(*judge({.sequence = 10}), SequenceVerdict::kRepeated);
  EXPECT_EQ(Verdict({.sequence = 10}, {.sequence = 10, .capability = "other"}),
            Reason::kIdempotencyKeyReused);
  EXPECT_EQ(Verdict({.sequence = 10}, {.sequence = 9}), Reason::kStaleSequence);
}

TEST(SequenceRuleTest, ADepartedNodeIsJudgedByItsLastMessage) {
  const RegisterCommand last = Registration({.sequence = 10});
  const Departed departed{
      .tombstone = {.node = last.admitted.node, .node_type = last.admitted.type},
      .last_message = {10, last.admitted.digest, 1, last.admitted.submitter},
      .signer = last.admitted.signer};
  EXPECT_EQ(*JudgeSequence(Registration({.sequence = 11}).admitted, nullptr, &departed),
            SequenceVerdict::kNew);
  EXPECT_EQ(
      ReasonOf(JudgeSequence(Registration({.sequence = 9}).admitted, nullptr, &departed).status()),
      Reason::kStaleSequence);
}

TEST(SequenceRuleTest, RevokedAndBannedSignersAreRefused) {
  const RegisterCommand command = Registration({});
  const Signer& signer = command.admitted.signer;
  identity::TrustState trust{.own = *identity::TrustDomain::Parse("example.org")};
  EXPECT_TRUE(CheckSigner(trust, signer).ok());

  Signer revoked = signer;
  revoked.certificate_key = "aa/01";
  trust.revocations = *identity::Revocations::Create({{"aa", "01"}}, {});
  EXPECT_EQ(ReasonOf(CheckSigner(trust, revoked)), Reason::kCertRevoked);
  EXPECT_TRUE(CheckSigner(trust, signer).ok());

  const auto id = *identity::SpiffeId::Parse(signer.spiffe_id);
  const absl::Time banned_at = signer.not_before + absl::Seconds(1);
  trust.revocations = *identity::Revocations::Create({}, {{id, banned_at, false}});
  EXPECT_EQ(ReasonOf(CheckSigner(trust, signer)), Reason::kIdentityBanned);

  // After the ban only certificates from before it stay refused.
  trust.revocations = *identity::Revocations::Create({}, {{id, banned_at, true}});
  EXPECT_EQ(ReasonOf(CheckSigner(trust, signer)), Reason::kIdentityBanned);
  Signer renewed = signer;
  renewed.not_before = banned_at + absl::Seconds(1);
  EXPECT_TRUE(CheckSigner(trust, renewed).ok());
}

}  // namespace
}  // namespace omninode::registry
