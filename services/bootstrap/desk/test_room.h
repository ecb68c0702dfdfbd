#ifndef OMNINODE_SERVICES_BOOTSTRAP_DESK_TEST_ROOM_H_
#define OMNINODE_SERVICES_BOOTSTRAP_DESK_TEST_ROOM_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/crypto/key.h"
#include "common/envelope/join_proof.h"
#include "common/identity/testing/test_authority.h"
#include "common/identity/verifier.h"
#include "common/sql/scripted_faults.h"
#include "common/sql/test_folder.h"
#include "common/time/fake_clock.h"
#include "services/bootstrap/desk/entry_desk.h"
#include "services/bootstrap/desk/identity_desk.h"
#include "services/bootstrap/desk/prune.h"
#include "services/bootstrap/desk/revocation_desk.h"
#include "services/bootstrap/store/sqlite_bootstrap_store.h"

namespace omninode::bootstrap {

// All desks on a real database, with a clock that stands still. For the tests of this folder.
class TestRoom : public testing::Test {
 protected:
  TestRoom() { Open(); }

  void Open() {
    store_ = SqliteBootstrapStore::Open(folder_.File("bootstrap.db"), Now(), {.faults = &faults_})
                 .value();
    ledger_ = TrustLedger::Create(authority_.bundle(), kLongestLeafLife, *store_).value();
    entries_ = EntryDesk::Create({.trust_domain = authority_.trust_domain(),
                                  .store = *store_,
                                  .ledger = *ledger_,
                                  .clock = clock_})
                   .value();
    identities_ = std::make_unique<IdentityDesk>(IdentityDesk::Deps{.issuer = issuer_,
                                                                    .store = *store_,
                                                                    .ledger = *ledger_,
                                                                    .entries = *entries_,
                                                                    .clock = clock_});
    revocations_ = std::make_unique<RevocationDesk>(
        RevocationDesk::Deps{.trust_domain = authority_.trust_domain(),
                             .store = *store_,
                             .ledger = *ledger_,
                             .acknowledgements = acks_,
                             .clock = clock_});
  }
  void Restart() {
    revocations_ = nullptr;
    identities_ = nullptr;
    entries_ = nullptr;
    ledger_ = nullptr;
    store_ = nullptr;
    Open();
  }

  absl::Time Now() const { return clock_.Now(); }
  // Of an identity or a pattern.
  std::string Text(std::string_view path) const {
    return authority_.trust_domain().ToId().append(path);
  }
  static crypto::PrivateKey NewKey() {
    return crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kEd25519);
  }

  Entry AddEntry(std::string_view path, absl::Duration ttl = absl::Hours(1)) {
    auto entry = entries_->CreateEntry({Text(path), ttl, {"cache.example"}});
    EXPECT_TRUE(entry.ok()) << entry.status();
    return *std::move(entry);
  }
  NewJoinToken AddToken(std::string_view path, std::optional<absl::Duration> ttl = std::nullopt) {
    auto token = entries_->CreateJoinToken(Text(path), ttl, "admin");
    EXPECT_TRUE(token.ok()) << token.status();
    return *std::move(token);
  }

  // What a newcomer does with its token and key.
  absl::StatusOr<IssuedIdentity> Attest(const std::string& token_id, std::string_view seed,
                                        const crypto::PrivateKey& key) {
    const std::string csr = crypto::MakeCsr(key);
    OMNI_ASSIGN_OR_RETURN(const auto ticket,
                          identities_->BeginAttestation({.token_id = token_id, .csr_der = csr}));
    return identities_->FinishAttestation(ticket.id, Prove(token_id, seed, csr, ticket.challenge));
  }
  absl::StatusOr<IssuedIdentity> Attest(const NewJoinToken& token, const crypto::PrivateKey& key) {
    return Attest(token.token.id, token.seed, key);
  }
  std::string Prove(std::string_view token_id, std::string_view seed, std::string_view csr,
                    std::string_view challenge) const {
    const auto message = envelope::JoinProofMessage({.token_id = token_id,
                                                     .csr_der = csr,
                                                     .trust_domain = authority_.trust_domain(),
                                                     .challenge = challenge});
    return crypto::PrivateKey::FromSeed(seed).Sign(message.value());
  }
  IssuedIdentity IssueNode(std::string_view path, const crypto::PrivateKey& key) {
    auto issued = Attest(AddToken(path), key);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return *std::move(issued);
  }
  absl::StatusOr<identity::VerifiedSvid> Verify(const crypto::Certificate& leaf) const {
    return identity::VerifySvid({leaf}, *ledger_->Current(), Now());
  }
  identity::VerifiedSvid Caller(const crypto::Certificate& leaf) const {
    return identity::VerifySvid({leaf}, *authority_.Trust(), Now()).value();
  }
  absl::StatusOr<IssuedIdentity> Renew(const IssuedIdentity& old, const crypto::PrivateKey& key) {
    return identities_->RenewSvid(Caller(old.svid.leaf), crypto::MakeCsr(key));
  }

  const TrustOrder order_ = {"spiffe://example.org/admin/root", "stolen"};
  const identity::TestAuthority authority_{"example.org"};
  const Issuer issuer_{authority_.trust_domain(), authority_.issuer()};
  FakeClock clock_{identity::TestAuthority::DefaultNow()};
  const sql::TestFolder folder_;
  sql::ScriptedFaults faults_;
  Acknowledgements acks_;
  std::unique_ptr<BootstrapStore> store_;
  std::unique_ptr<TrustLedger> ledger_;
  std::unique_ptr<EntryDesk> entries_;
  std::unique_ptr<IdentityDesk> identities_;
  std::unique_ptr<RevocationDesk> revocations_;
};

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_DESK_TEST_ROOM_H_
