#include "tests/bench/signers.h"

#include <set>

#include <gtest/gtest.h>

#include "common/envelope/open.h"
#include "common/envelope/payload.h"
#include "common/envelope/raw_envelope.h"
#include "omninode/registry/v1/registry_service.pb.h"

namespace omninode::bench {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

crypto::CertificateIssuer Issuer() {
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const auto ca = crypto::CreateSelfSignedCa({.uri = "spiffe://bench.example",
                                              .common_name = "bench",
                                              .not_before = kNow - absl::Hours(1),
                                              .not_after = kNow + absl::Hours(100)},
                                             key);
  EXPECT_TRUE(ca.ok()) << ca.status();
  return *crypto::CertificateIssuer::Create(*ca, key);
}

envelope::RawEnvelope EnvelopeIn(const std::string& request_bytes) {
  registry::v1::RegisterRequest request;
  EXPECT_TRUE(request.ParseFromString(request_bytes));
  return *envelope::DecodeRawEnvelope(request.envelope().SerializeAsString());
}

class SignersTest : public testing::Test {
 protected:
  absl::StatusOr<Signers> Three() {
    return Signers::Create(mint_, {.network = *NetworkId::Parse("bench"),
                                   .ns = ns_,
                                   .trust_domain = *identity::TrustDomain::Parse("bench.example"),
                                   .first = 5,
                                   .count = 3,
                                   .threads = 2});
  }
  const NamespaceName ns_ = *NamespaceName::Parse("load");
  const Mint mint_{Issuer(), crypto::KeyAlgorithm::kEd25519, kNow};
};

TEST_F(SignersTest, ADescriptionIsOfTheUsualSize) {
  const auto description = DescriptionOf(ns_, 99'999, 1'800'000'000'000'000);
  ASSERT_TRUE(description.ok()) << description.status();
  EXPECT_NEAR(static_cast<double>(envelope::EncodeIntrospection(*description).size()), 455, 15);
}

TEST_F(SignersTest, NodesTakeTurnsAndEachEnvelopeHolds) {
  const auto signers = Three();
  ASSERT_TRUE(signers.ok()) << signers.status();
  const auto requests = signers->Sign(7, 1'000, kNow);
  ASSERT_TRUE(requests.ok()) << requests.status();
  ASSERT_EQ(requests->size(), 7u);
  std::uint64_t sequence = 1'000;
  for (std::size_t i = 0; i < requests->size(); ++i) {
    const envelope::RawEnvelope raw = EnvelopeIn((*requests)[i]);
    EXPECT_EQ(raw.spiffe_id,
              fmt::format("spiffe://bench.example/ns/load/node/worker/worker-{:07}", 5 + i % 3));
    const auto leaf = crypto::Certificate::FromDer(raw.certificates_der.front());
    ASSERT_TRUE(leaf.ok()) << leaf.status();
    const auto body = envelope::VerifyAndDecode(raw, *leaf, envelope::Strictness::kRefuseUnknown);
    ASSERT_TRUE(body.ok()) << body.status();
    EXPECT_EQ(body->sequence, sequence++);
  }
}

TEST_F(SignersTest, CanBeInterrupted) {
  const auto signers =
      Signers::Create(mint_, {.network = *NetworkId::Parse("bench"),
                              .ns = ns_,
                              .trust_domain = *identity::TrustDomain::Parse("bench.example"),
                              .count = 1,
                              .interrupted = [] { return true; }});
  ASSERT_TRUE(signers.ok()) << signers.status();
  EXPECT_EQ(signers->Sign(1, 1'000, kNow).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(SignersTest, EveryDescriptionOfANodeIsNew) {
  const auto signers = Three();
  ASSERT_TRUE(signers.ok()) << signers.status();
  const auto first = signers->Sign(6, 1'000, kNow);
  const auto later = signers->Sign(6, 1'006, kNow);
  ASSERT_TRUE(first.ok() && later.ok());
  std::set<std::string> bodies;
  for (const auto& request : *first) bodies.insert(EnvelopeIn(request).body);
  for (const auto& request : *later) bodies.insert(EnvelopeIn(request).body);
  EXPECT_EQ(bodies.size(), 12u);
}

TEST_F(SignersTest, NodesThatShareAKeyHaveCertificatesOfTheirOwn) {
  const auto domain = *identity::TrustDomain::Parse("bench.example");
  const auto id = *identity::SpiffeId::FromParts(domain, "/node/worker/a");
  const auto one = mint_.Make(id, 1);
  const auto other = mint_.Make(id, 1 + Mint::kKeys);
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->key().public_key(), other->key().public_key());
  EXPECT_NE(one->leaf().fingerprint(), other->leaf().fingerprint());
}

}  // namespace
}  // namespace omninode::bench
