#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/crypto/random.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"
#include "tools/testbed/event_log.h"

// T28 one token, many takers; T29 forged and guessed tokens; T30 tokens of the past and of others.
namespace omninode::rejections {
namespace {

using enrollment::TokenFile;

std::string NewCsr() {
  return crypto::MakeCsr(crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256));
}

std::string NewNodeId(World& world) {
  return world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName());
}

// From an address of its own.
void AttestWith(World& world, const Attempt& attempt, Outcome& outcome) {
  const World::Door door = world.NewDoor(world.cluster().attestor_address());
  outcome.peer = door.peer;
  outcome.status = Attest(door.address, attempt);
}

// An honest attempt of which `change` changes one thing.
Runner Attempted(const std::function<void(const TokenFile&, Attempt&)>& change) {
  return [=](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    Attempt attempt = HonestAttempt(*token, NewCsr());
    change(*token, attempt);
    AttestWith(world, attempt, outcome);
  };
}

// A hundred who begin together, each with a key and a connection of its own; nobody proves anything
// before all were asked.
void Race(World& world, Outcome& outcome) {
  constexpr int kRacers = 100;
  const auto token = NewToken(world, NewNodeId(world));
  ASSERT_TRUE(token.ok()) << token.status();
  const World::Door door = world.NewDoor(world.cluster().attestor_address());
  std::atomic<int> asked = 0;
  testbed::EventLog<bool> start;
  testbed::EventLog<grpc::Status> ends;
  std::vector<std::thread> racers;
  for (int i = 0; i < kRacers; ++i) {
    racers.emplace_back([&] {
      Attempt attempt = HonestAttempt(*token, NewCsr());
      attempt.prove = [&, honest = attempt.prove](const std::string& challenge) {
        if (++asked == kRacers) start.Add(true);
        start.WaitFor([](bool) { return true; }, kSoon);
        return honest(challenge);
      };
      ends.Add(Attest(door.address, attempt));
    });
  }
  for (std::thread& racer : racers) racer.join();
  int winners = 0;
  outcome.peer = door.peer;
  for (const grpc::Status& end : ends.From()) {
    if (end.ok()) {
      ++winners;
    } else {
      outcome.status = end;
      EXPECT_EQ(DetailOf(end).reason, "TOKEN_USED") << end.error_message();
    }
  }
  EXPECT_EQ(winners, 1);
}

void AddUsedTokens(Runners& rows) {
  rows["T28.a_race_of_a_hundred"] = Race;
  rows["T28.used_with_another_key"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    ASSERT_TRUE(Attest(world.cluster().attestor_address(), HonestAttempt(*token, NewCsr())).ok());
    AttestWith(world, HonestAttempt(*token, NewCsr()), outcome);
  };
  rows["T28.lost_answer"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    const Attempt attempt = HonestAttempt(*token, NewCsr());
    bootstrap::v1::AttestationResult first;
    bootstrap::v1::AttestationResult again;
    ASSERT_TRUE(Attest(world.cluster().attestor_address(), attempt, &first).ok());
    outcome.status = Attest(world.cluster().attestor_address(), attempt, &again);
    // The very same certificate: one token, one identity.
    EXPECT_EQ(again.svid().SerializeAsString(), first.svid().SerializeAsString());
  };
}

void AddForgedTokens(Runners& rows) {
  rows["T29.forged_proof"] = Attempted([](const TokenFile&, Attempt& attempt) {
    attempt.prove = [](const std::string&) { return crypto::RandomBytes(64); };
  });
  rows["T29.empty_proof"] = Attempted([](const TokenFile&, Attempt& attempt) {
    attempt.prove = [](const std::string&) { return std::string(); };
  });
  rows["T29.proof_of_another_token"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    const auto other = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok() && other.ok());
    TokenFile forged = *token;
    forged.token = other->token;
    AttestWith(world, HonestAttempt(forged, NewCsr()), outcome);
  };
  rows["T29.guessed_id"] = Attempted(
      [](const TokenFile&, Attempt& attempt) { attempt.token_id = crypto::RandomUuid(); });
  rows["T29.id_too_long"] = Attempted(
      [](const TokenFile&, Attempt& attempt) { attempt.token_id = std::string(129, 't'); });
  rows["T29.relayed_proof_for_another_key"] =
      Attempted([](const TokenFile& token, Attempt& attempt) {
        // What the newcomer signed was for its own request; the relay sends its own instead.
        attempt.prove = [token, csr = attempt.csr](const std::string& challenge) {
          return Prove(token, csr, challenge);
        };
        attempt.csr = NewCsr();
      });
  rows["T29.proof_for_another_challenge"] = Attempted([](const TokenFile& token, Attempt& attempt) {
    attempt.prove = [token, csr = attempt.csr](const std::string&) {
      return Prove(token, csr, crypto::RandomBytes(32));
    };
  });
  rows["T29.guessing_is_slowed_down"] = [](World& world, Outcome& outcome) {
    constexpr int kMore = 40;  // than the burst, and than what is forgiven meanwhile
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    for (int i = 0; i < kMore; ++i) {
      Attempt attempt{.token_id = crypto::RandomUuid(), .csr = NewCsr()};
      attempt.prove = [](const std::string&) { return crypto::RandomBytes(64); };
      outcome.status = Attest(door.address, attempt);
      if (DetailOf(outcome.status).reason == "RATE_LIMITED") break;
      ASSERT_EQ(DetailOf(outcome.status).reason, "TOKEN_INVALID");
      ++outcome.refused_before;
    }
    // Others are not held up.
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_TRUE(Attest(world.cluster().attestor_address(), HonestAttempt(*token, NewCsr())).ok());
  };
}

void AddWrongTokens(Runners& rows) {
  rows["T30.expired"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world), absl::Milliseconds(1));
    ASSERT_TRUE(token.ok()) << token.status();
    AttestWith(world, HonestAttempt(*token, NewCsr()), outcome);
  };
  rows["T30.bound_to_another_node"] = [](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    Attempt attempt = HonestAttempt(*token, NewCsr());
    attempt.spiffe_id = NewNodeId(world);
    AttestWith(world, attempt, outcome);
  };
  rows["T30.its_entry_is_gone"] = [](World& world, Outcome& outcome) {
    auto& admin = world.cluster().admin();
    omnictl::Entry entry;
    entry.spiffe_id_pattern = world.authority().Id("/ns/passing/node/*/*");
    entry.svid_ttl = absl::Hours(1);
    const auto made = admin.bootstrap().CreateEntry(entry);
    ASSERT_TRUE(made.ok()) << made.status();
    const auto token = NewToken(world, world.authority().Id("/ns/passing/node/worker/w1"));
    ASSERT_TRUE(token.ok()) << token.status();
    ASSERT_TRUE(admin.bootstrap().DeleteEntry(made->entry_id).ok());
    AttestWith(world, HonestAttempt(*token, NewCsr()), outcome);
  };
  rows["T30.its_identity_is_banned"] = [](World& world, Outcome& outcome) {
    const std::string id = NewNodeId(world);
    const auto token = NewToken(world, id);
    ASSERT_TRUE(token.ok()) << token.status();
    ASSERT_TRUE(world.cluster().admin().bootstrap().BanIdentity(id, "compromised").ok());
    AttestWith(world, HonestAttempt(*token, NewCsr()), outcome);
  };
}

}  // namespace

void AddTokenRows(Runners& rows) {
  AddUsedTokens(rows);
  AddForgedTokens(rows);
  AddWrongTokens(rows);
}

}  // namespace omninode::rejections
