#include "common/crypto/csr.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/oids.h"

namespace omninode::crypto {
namespace {

constexpr std::string_view kUnknownOid = "\x2a\x03\x04";

std::string Extension(std::string_view oid, bool critical, std::string_view value) {
  return DerSequenceOf(
      {DerOidOf(oid), critical ? DerBool(true) : std::string(), DerWrap(kDerOctetString, value)});
}

std::string ExtensionRequest(std::string_view extensions) {
  return DerSequenceOf(
      {DerOidOf(kOidExtensionRequest), DerWrap(kDerSet, DerWrap(kDerSequence, extensions))});
}

// A request that may ask for anything.
struct HostileCsr {
  std::string attributes;
  std::string subject = DerWrap(kDerSequence, "");
  std::string spki;       // of the signing key if empty
  std::string algorithm;  // of the signing key if empty
  std::string version = DerSmallInteger(0);

  std::string SignWith(const PrivateKey& key) const {
    const std::string info =
        DerSequenceOf({version, subject, spki.empty() ? key.public_key().spki_der() : spki,
                       DerWrap(DerContext(0, true), attributes)});
    const std::string identifier =
        algorithm.empty() ? SignatureAlgorithmIdentifier(SignatureAlgorithmFor(key.algorithm()))
                          : algorithm;
    return DerSequenceOf({info, identifier, DerBitStringOf(key.Sign(info))});
  }
};

std::optional<Reason> CheckReason(std::string_view der) { return ReasonOf(CheckCsr(der).status()); }

class Csr : public testing::Test {
 protected:
  std::optional<Reason> ReasonWith(std::string_view extensions) const {
    return CheckReason(HostileCsr{.attributes = ExtensionRequest(extensions)}.SignWith(key_));
  }

  const PrivateKey key_ = PrivateKey::Generate(KeyAlgorithm::kP256);
};

TEST_F(Csr, GivesTheKeyOfEveryKind) {
  for (const auto algorithm :
       {KeyAlgorithm::kP256, KeyAlgorithm::kEd25519, KeyAlgorithm::kRsa2048}) {
    const PrivateKey key = PrivateKey::Generate(algorithm);
    const auto checked = CheckCsr(MakeCsr(key));
    ASSERT_TRUE(checked.ok()) << checked.status();
    EXPECT_EQ(*checked, key.public_key());
  }
}

TEST_F(Csr, IgnoresSubjectAndAlternativeNames) {
  const std::string names = DerSequenceOf({DerWrap(DerContext(6, false), "spiffe://evil/admin/a"),
                                           DerWrap(DerContext(2, false), "evil.example")});
  const HostileCsr csr{
      .attributes = ExtensionRequest(Extension(kOidSubjectAltName, true, names)),
      .subject = DerSequenceOf({DerWrap(
          kDerSet, DerSequenceOf({DerOidOf(kOidCommonName), DerWrap(kDerUtf8String, "root")}))})};
  const auto checked = CheckCsr(csr.SignWith(key_));
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(*checked, key_.public_key());
}

TEST_F(Csr, RefusesToBecomeAnAuthority) {
  const std::string ca = DerSequenceOf({DerBool(true)});
  EXPECT_EQ(ReasonWith(Extension(kOidBasicConstraints, true, ca)), Reason::kCsrForbiddenExt);
  EXPECT_EQ(ReasonWith(Extension(kOidBasicConstraints, false, ca)), Reason::kCsrForbiddenExt);
  EXPECT_EQ(ReasonWith(Extension(kOidKeyUsage, true, DerNamedBits(1U << 5U))),
            Reason::kCsrForbiddenExt);
  EXPECT_EQ(ReasonWith(Extension(kOidKeyUsage, true, DerNamedBits(1U << 6U))),
            Reason::kCsrForbiddenExt);
}

TEST_F(Csr, AllowsWhatALeafMayAskFor) {
  EXPECT_EQ(ReasonWith(Extension(kOidBasicConstraints, true, DerSequenceOf({}))), std::nullopt);
  EXPECT_EQ(ReasonWith(Extension(kOidKeyUsage, true, DerNamedBits(1U << 0U))), std::nullopt);
  EXPECT_EQ(ReasonWith(Extension(kOidExtKeyUsage, true, DerSequenceOf({}))), std::nullopt);
  EXPECT_EQ(ReasonWith(Extension(kUnknownOid, false, "x")), std::nullopt);
}

TEST_F(Csr, RefusesUnknownCriticalExtensions) {
  EXPECT_EQ(ReasonWith(Extension(kUnknownOid, true, "x")), Reason::kCsrForbiddenExt);
}

TEST_F(Csr, LooksAtEveryExtensionRequest) {
  const std::string harmless =
      ExtensionRequest(Extension(kOidBasicConstraints, true, DerSequenceOf({})));
  const std::string evil =
      ExtensionRequest(Extension(kOidBasicConstraints, true, DerSequenceOf({DerBool(true)})));
  EXPECT_EQ(CheckReason(HostileCsr{.attributes = harmless + evil}.SignWith(key_)),
            Reason::kCsrForbiddenExt);
  const std::string two_values =
      DerSequenceOf({DerOidOf(kOidExtensionRequest),
                     DerWrap(kDerSet, DerSequenceOf({Extension(kUnknownOid, false, "x")}) +
                                          DerSequenceOf({Extension(kUnknownOid, true, "x")}))});
  EXPECT_EQ(CheckReason(HostileCsr{.attributes = two_values}.SignWith(key_)),
            Reason::kCsrForbiddenExt);
}

TEST_F(Csr, RefusesProofByAnotherKey) {
  const PrivateKey other = PrivateKey::Generate(KeyAlgorithm::kP256);
  const HostileCsr csr{.spki = key_.public_key().spki_der()};
  EXPECT_EQ(CheckReason(csr.SignWith(other)), Reason::kCsrBadPop);
}

TEST_F(Csr, RefusesAnotherSignatureAlgorithmThanTheKeys) {
  const HostileCsr csr{.algorithm = SignatureAlgorithmIdentifier(SignatureAlgorithm::kEd25519)};
  EXPECT_EQ(CheckReason(csr.SignWith(key_)), Reason::kCsrBadPop);
}

TEST_F(Csr, JudgesTheKeyBeforeTheProof) {
  // A key of 16384 bits: the wrong signature must not even be looked at.
  std::string modulus(2048, '\xff');
  const std::string weak = DerSequenceOf(
      {DerSequenceOf({DerOidOf(kOidRsaEncryption), DerWrap(kDerNull, "")}),
       DerBitStringOf(DerSequenceOf(
           {DerUnsignedInteger(modulus), DerUnsignedInteger(std::string("\x01\x00\x01", 3))}))});
  EXPECT_EQ(CheckReason(HostileCsr{.spki = weak}.SignWith(key_)), Reason::kCsrWeakKey);
}

TEST_F(Csr, RefusesMalformedRequests) {
  const std::string good = MakeCsr(key_);
  EXPECT_EQ(CheckReason(""), Reason::kMsgMalformed);
  EXPECT_EQ(CheckReason(good + "x"), Reason::kMsgMalformed);
  EXPECT_EQ(CheckReason(HostileCsr{.version = DerSmallInteger(1)}.SignWith(key_)),
            Reason::kMsgMalformed);
  EXPECT_EQ(CheckReason(HostileCsr{.attributes = "\x30"}.SignWith(key_)), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonWith(Extension(kOidBasicConstraints, true, "")), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonWith(Extension(kOidKeyUsage, true, DerBool(true))), Reason::kMsgMalformed);
  EXPECT_EQ(ReasonWith(DerWrap(kDerNull, "")), Reason::kMsgMalformed);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(CheckReason(std::string_view(good).substr(0, size)), Reason::kMsgMalformed) << size;
  }
}

TEST_F(Csr, TheSizeIsBounded) {
  const auto with_padding = [&](std::size_t size) {
    return HostileCsr{.attributes = DerSequenceOf(
                          {DerOidOf(kUnknownOid),
                           DerWrap(kDerSet, DerWrap(kDerOctetString, std::string(size, 'x')))})}
        .SignWith(PrivateKey::FromSeed(std::string(32, 's')));
  };
  const std::size_t overhead = with_padding(4000).size() - 4000;
  const std::string at_bound = with_padding(kMaxCsrBytes - overhead);
  ASSERT_EQ(at_bound.size(), kMaxCsrBytes);
  EXPECT_EQ(CheckReason(at_bound), std::nullopt);
  EXPECT_EQ(CheckReason(with_padding(kMaxCsrBytes - overhead + 1)), Reason::kMsgTooLarge);
}

TEST_F(Csr, NoOneBitChangeIsAccepted) {
  const std::string good = MakeCsr(PrivateKey::FromSeed(std::string(32, 's')));
  ASSERT_EQ(CheckReason(good), std::nullopt);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(CheckReason(changed), std::nullopt) << "bit " << bit;
  }
}

}  // namespace
}  // namespace omninode::crypto
