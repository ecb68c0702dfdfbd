#include "common/crypto/certificate.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/chain.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/oids.h"
#include "common/crypto/random.h"

namespace omninode::crypto {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr std::string_view kUnknownOid = "\x2a\x03\x04";

// An authority and what it signs, well-formed or not.
class Authority {
 public:
  explicit Authority(std::string name, const Authority* above = nullptr)
      : name_(EncodeName({.common_name = name})) {
    CertificateSpec spec = Spec(key_.public_key());
    spec.issuer_der = above != nullptr ? above->name_ : name_;
    spec.subject_der = name_;
    spec.is_ca = true;
    spec.key_usage = kUsageKeyCertSign;
    spec.subject_key_id = KeyIdentifierOf(key_.public_key());
    certificate_ =
        Certificate::FromDer(SignCertificate(spec, above != nullptr ? above->key_ : key_)).value();
  }

  CertificateSpec Spec(const PublicKey& key) const {
    CertificateSpec spec{.serial = RandomBytes(8), .key = key};
    spec.issuer_der = name_;
    spec.subject_der = EncodeName({.organization = "leaf"});
    spec.not_before = kNow - absl::Hours(1);
    spec.not_after = kNow + absl::Hours(1);
    spec.uris = {"spiffe://td/x"};
    spec.is_ca = false;
    spec.key_usage = kUsageDigitalSignature;
    return spec;
  }
  std::string Sign(const CertificateSpec& spec) const { return SignCertificate(spec, key_); }
  const Certificate& certificate() const { return *certificate_; }
  const PrivateKey& key() const { return key_; }

 private:
  std::string name_;
  PrivateKey key_ = PrivateKey::Generate(KeyAlgorithm::kEd25519);
  std::optional<Certificate> certificate_;
};

class CertificateTest : public testing::Test {
 protected:
  Certificate Issue(const CertificateSpec& spec) const {
    return Certificate::FromDer(root_.Sign(spec)).value();
  }
  std::optional<Reason> VerifyReason(const CertificateSpec& spec, absl::Time now = kNow) const {
    return ReasonOf(VerifyChain(Issue(spec), {}, {{root_.certificate()}}, now).status());
  }

  const Authority root_{"root"};
  const PublicKey key_ = PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key();
};

std::optional<Reason> ParseReason(std::string_view der) {
  return ReasonOf(Certificate::FromDer(der).status());
}

TEST_F(CertificateTest, ReportsWhatTheExtensionsSay) {
  CertificateSpec spec = root_.Spec(key_);
  spec.serial = std::string("\x0a\xff", 2);
  spec.uris = {"spiffe://td/a", "spiffe://td/b"};
  spec.dns = {"a.example"};
  spec.emails = {"a@example", "b@example"};
  spec.client_auth = true;
  spec.subject_key_id = "\x01\x02";
  spec.authority_key_id = "\xaa";
  const Certificate certificate = Issue(spec);
  EXPECT_EQ(certificate.serial_hex(), "0aff");
  EXPECT_EQ(certificate.uri_sans(), spec.uris);
  EXPECT_EQ(certificate.dns_sans(), spec.dns);
  EXPECT_EQ(certificate.other_san_count(), 2u);
  EXPECT_TRUE(certificate.ext_key_usage()->client_auth);
  EXPECT_FALSE(certificate.ext_key_usage()->server_auth);
  EXPECT_EQ(certificate.subject_key_id(), "0102");
  EXPECT_EQ(certificate.authority_key_id(), "aa");
  EXPECT_EQ(certificate.not_before(), spec.not_before);
  EXPECT_EQ(certificate.not_after(), spec.not_after);
  EXPECT_EQ(certificate.subject(), "O=leaf");
  EXPECT_EQ(certificate.issuer(), "CN=root");
  EXPECT_EQ(certificate.subject_der(), spec.subject_der);
  EXPECT_EQ(*certificate.public_key(), key_);
  EXPECT_EQ(certificate.fingerprint(), Sha256(certificate.der()));
}

TEST_F(CertificateTest, AbsentExtensionsAreAbsent) {
  CertificateSpec spec = root_.Spec(key_);
  spec.uris.clear();
  spec.key_usage.reset();
  spec.is_ca.reset();
  const Certificate certificate = Issue(spec);
  EXPECT_TRUE(certificate.uri_sans().empty());
  EXPECT_FALSE(certificate.key_usage().has_value());
  EXPECT_FALSE(certificate.ext_key_usage().has_value());
  EXPECT_FALSE(certificate.is_ca());
  EXPECT_EQ(certificate.subject_key_id(), "");
  EXPECT_EQ(certificate.authority_key_id(), "");
}

TEST_F(CertificateTest, TellsWhetherKeyUsageIsCritical) {
  CertificateSpec spec = root_.Spec(key_);
  EXPECT_TRUE(Issue(spec).key_usage()->critical);
  spec.key_usage_critical = false;
  EXPECT_FALSE(Issue(spec).key_usage()->critical);
}

TEST_F(CertificateTest, KeepsZeroBytesOfNames) {
  CertificateSpec spec = root_.Spec(key_);
  spec.uris = {std::string("spiffe://td/a\0b", 15)};
  EXPECT_EQ(Issue(spec).uri_sans(), spec.uris);
}

TEST_F(CertificateTest, EscapesTheSubject) {
  CertificateSpec spec = root_.Spec(key_);
  spec.subject_der = EncodeName({.organization = "a\nb"});
  EXPECT_EQ(Issue(spec).subject(), "O=a\\0Ab");
}

TEST_F(CertificateTest, NoticesUnknownCriticalExtensions) {
  CertificateSpec spec = root_.Spec(key_);
  spec.extra = {{std::string(kUnknownOid), false, "x"}};
  EXPECT_FALSE(Issue(spec).unknown_critical_extension());
  EXPECT_EQ(VerifyReason(spec), std::nullopt);
  spec.extra[0].critical = true;
  EXPECT_TRUE(Issue(spec).unknown_critical_extension());
  EXPECT_EQ(VerifyReason(spec), Reason::kCertProfile);
}

TEST_F(CertificateTest, RefusesDuplicatedExtensions) {
  CertificateSpec spec = root_.Spec(key_);
  const std::string names = DerSequenceOf({DerWrap(DerContext(6, false), "spiffe://td/y")});
  spec.extra = {{std::string(kOidSubjectAltName), false, names}};
  EXPECT_EQ(ParseReason(root_.Sign(spec)), Reason::kCertProfile);
}

TEST_F(CertificateTest, RefusesMalformedExtensions) {
  for (const std::string_view oid :
       {kOidSubjectKeyId, kOidAuthorityKeyId, kOidExtKeyUsage, kOidNameConstraints}) {
    CertificateSpec spec = root_.Spec(key_);
    spec.extra = {{std::string(oid), false, "\x30\x05zzzzz"}};
    EXPECT_EQ(ParseReason(root_.Sign(spec)), Reason::kCertProfile) << static_cast<int>(oid[2]);
  }
}

TEST_F(CertificateTest, RefusesWhatIsNotExactlyOneCertificate) {
  const std::string der = root_.certificate().der();
  EXPECT_EQ(ParseReason(""), Reason::kCertProfile);
  EXPECT_EQ(ParseReason("certificate"), Reason::kCertProfile);
  EXPECT_EQ(ParseReason(der + "x"), Reason::kCertProfile);
  EXPECT_EQ(ParseReason(der + der), Reason::kCertProfile);
  EXPECT_EQ(ParseReason(std::string_view(der).substr(0, der.size() - 1)), Reason::kCertProfile);
  EXPECT_EQ(ParseReason(der), std::nullopt);
}

TEST_F(CertificateTest, TheSizeIsBounded) {
  const auto with_padding = [&](std::size_t size) {
    CertificateSpec spec = root_.Spec(key_);
    spec.serial = "12345678";
    spec.extra = {{std::string(kUnknownOid), false, std::string(size, 'x')}};
    return root_.Sign(spec);
  };
  const std::size_t overhead = with_padding(10'000).size() - 10'000;
  const std::string at_bound = with_padding(Certificate::kMaxDerBytes - overhead);
  ASSERT_EQ(at_bound.size(), Certificate::kMaxDerBytes);
  EXPECT_EQ(ParseReason(at_bound), std::nullopt);
  EXPECT_EQ(ParseReason(with_padding(Certificate::kMaxDerBytes - overhead + 1)),
            Reason::kCertProfile);
}

TEST_F(CertificateTest, TheSerialIsBounded) {
  CertificateSpec spec = root_.Spec(key_);
  spec.serial = std::string(20, '\x7f');
  EXPECT_EQ(ParseReason(root_.Sign(spec)), std::nullopt);
  spec.serial = std::string(21, '\x7f');
  EXPECT_EQ(ParseReason(root_.Sign(spec)), Reason::kCertProfile);
}

TEST_F(CertificateTest, AForeignKindOfKeyIsReportedNotRefused) {
  CertificateSpec spec = root_.Spec(key_);
  std::string der = root_.Sign(spec);
  EXPECT_TRUE(Certificate::FromDer(der)->public_key().ok());
  // Turn the Ed25519 key into an X25519 one of the same length.
  const std::string ed = DerSequenceOf({DerOidOf(kOidEd25519)}) + std::string("\x03\x21", 2);
  const std::size_t at = der.find(ed);
  ASSERT_NE(at, std::string::npos);
  der[at + 6] = '\x6e';
  const auto parsed = Certificate::FromDer(der);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(ReasonOf(parsed->public_key().status()), Reason::kCertProfile);
}

TEST_F(CertificateTest, ChainsVerifyOnlyAgainstTheRootsGiven) {
  const Authority other("root");  // the same name, another key: the key id tells them apart
  CertificateSpec spec = root_.Spec(key_);
  spec.authority_key_id = KeyIdentifierOf(root_.key().public_key());
  const Certificate leaf = Issue(spec);
  EXPECT_TRUE(VerifyChain(leaf, {}, {{root_.certificate()}}, kNow).ok());
  EXPECT_TRUE(VerifyChain(leaf, {}, {{other.certificate(), root_.certificate()}}, kNow).ok());
  EXPECT_EQ(ReasonOf(VerifyChain(leaf, {}, {{other.certificate()}}, kNow).status()),
            Reason::kCertUntrusted);
  EXPECT_EQ(ReasonOf(VerifyChain(leaf, {}, {}, kNow).status()), Reason::kCertUntrusted);
  EXPECT_EQ(ReasonOf(VerifyChain(leaf, {{root_.certificate()}}, {}, kNow).status()),
            Reason::kCertUntrusted);
}

TEST_F(CertificateTest, ASelfSignedLeafIsUntrusted) {
  const PrivateKey own = PrivateKey::Generate(KeyAlgorithm::kP256);
  CertificateSpec spec = root_.Spec(own.public_key());
  spec.issuer_der = spec.subject_der;
  const Certificate leaf = Certificate::FromDer(SignCertificate(spec, own)).value();
  EXPECT_EQ(ReasonOf(VerifyChain(leaf, {}, {{root_.certificate()}}, kNow).status()),
            Reason::kCertUntrusted);
}

TEST_F(CertificateTest, ValidityIncludesTheFirstSecondAndExcludesTheLast) {
  const CertificateSpec spec = root_.Spec(key_);
  EXPECT_EQ(VerifyReason(spec, spec.not_before - absl::Seconds(1)), Reason::kCertExpired);
  EXPECT_EQ(VerifyReason(spec, spec.not_before), std::nullopt);
  EXPECT_EQ(VerifyReason(spec, spec.not_after - absl::Milliseconds(1)), std::nullopt);
  EXPECT_EQ(VerifyReason(spec, spec.not_after), Reason::kCertExpired);
}

TEST_F(CertificateTest, ALeafSignsNothing) {
  const PrivateKey leaf_key = PrivateKey::Generate(KeyAlgorithm::kEd25519);
  const Certificate leaf = Issue(root_.Spec(leaf_key.public_key()));
  CertificateSpec spec = root_.Spec(key_);
  spec.issuer_der = leaf.subject_der();
  const Certificate forged = Certificate::FromDer(SignCertificate(spec, leaf_key)).value();
  EXPECT_EQ(ReasonOf(VerifyChain(forged, {{leaf}}, {{root_.certificate()}}, kNow).status()),
            Reason::kCertUntrusted);
}

TEST_F(CertificateTest, TheChainIsBounded) {
  std::vector<std::unique_ptr<Authority>> authorities;
  std::vector<Certificate> intermediates;
  const Authority* above = &root_;
  for (std::size_t i = 0; i < kMaxChain; ++i) {
    authorities.push_back(std::make_unique<Authority>("below " + std::to_string(i), above));
    above = authorities.back().get();
    intermediates.push_back(above->certificate());
    const Certificate leaf = Certificate::FromDer(above->Sign(above->Spec(key_))).value();
    const auto reason =
        ReasonOf(VerifyChain(leaf, intermediates, {{root_.certificate()}}, kNow).status());
    if (intermediates.size() + 1 <= kMaxChain) {
      EXPECT_EQ(reason, std::nullopt) << i;
    } else {
      EXPECT_EQ(reason, Reason::kCertProfile) << i;
    }
  }
}

TEST_F(CertificateTest, APathEndsWithItsShortestCertificate) {
  CertificateSpec spec = root_.Spec(key_);
  spec.not_after = kNow + absl::Hours(5);
  EXPECT_EQ(*VerifyChain(Issue(spec), {}, {{root_.certificate()}}, kNow), kNow + absl::Hours(1));
  spec.not_after = kNow + absl::Minutes(5);
  EXPECT_EQ(*VerifyChain(Issue(spec), {}, {{root_.certificate()}}, kNow), kNow + absl::Minutes(5));
}

TEST_F(CertificateTest, ACompactOneSaysAndProvesTheSame) {
  const Authority middle("middle", &root_);
  CertificateSpec spec = middle.Spec(key_);
  spec.dns = {"node.example"};
  spec.not_after = kNow + absl::Minutes(7);
  const Certificate leaf = Certificate::FromDer(middle.Sign(spec)).value();
  const Certificate compact = leaf.Compact();
  EXPECT_EQ(compact, leaf);
  EXPECT_EQ(compact.der(), leaf.der());
  EXPECT_EQ(compact.serial_hex(), leaf.serial_hex());
  EXPECT_EQ(compact.not_before(), leaf.not_before());
  EXPECT_EQ(compact.not_after(), leaf.not_after());
  EXPECT_EQ(compact.subject(), leaf.subject());
  EXPECT_EQ(compact.issuer(), leaf.issuer());
  EXPECT_EQ(compact.subject_der(), leaf.subject_der());
  EXPECT_EQ(compact.uri_sans(), leaf.uri_sans());
  EXPECT_EQ(compact.dns_sans(), leaf.dns_sans());
  EXPECT_EQ(compact.is_ca(), leaf.is_ca());
  EXPECT_EQ(compact.key_usage()->digital_signature, leaf.key_usage()->digital_signature);
  EXPECT_EQ(compact.subject_key_id(), leaf.subject_key_id());
  EXPECT_EQ(compact.authority_key_id(), leaf.authority_key_id());
  EXPECT_EQ(*compact.public_key(), *leaf.public_key());
  EXPECT_EQ(compact.Compact(), leaf);

  const Certificate below = middle.certificate().Compact();
  const Certificate above = root_.certificate().Compact();
  const auto end = VerifyChain(compact, {{below}}, {{above}}, kNow);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(*end, leaf.not_after());
  EXPECT_EQ(ReasonOf(VerifyChain(compact, {}, {{above}}, kNow).status()), Reason::kCertUntrusted);
  EXPECT_EQ(*VerifyChain(below, {}, {{above}}, kNow), middle.certificate().not_after());
}

TEST_F(CertificateTest, ARootNeedNotBeSelfSigned) {
  const Authority below("below", &root_);
  const Certificate leaf = Certificate::FromDer(below.Sign(below.Spec(key_))).value();
  EXPECT_TRUE(VerifyChain(leaf, {}, {{below.certificate()}}, kNow).ok());
}

TEST_F(CertificateTest, NameConstraintsOfAnAuthorityHold) {
  const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kEd25519);
  CertificateSpec authority = root_.Spec(key.public_key());
  authority.subject_der = EncodeName({.common_name = "constrained"});
  authority.is_ca = true;
  authority.key_usage = kUsageKeyCertSign;
  authority.uris.clear();
  const std::string permitted = DerSequenceOf(
      {DerWrap(DerContext(0, true), DerSequenceOf({DerWrap(DerContext(6, false), "td-a")}))});
  authority.extra = {{std::string(kOidNameConstraints), true, permitted}};
  const Certificate constrained = Issue(authority);
  const auto reason_for = [&](std::string uri) {
    CertificateSpec spec = root_.Spec(key_);
    spec.issuer_der = authority.subject_der;
    spec.uris = {std::move(uri)};
    const Certificate leaf = Certificate::FromDer(SignCertificate(spec, key)).value();
    return ReasonOf(VerifyChain(leaf, {{constrained}}, {{root_.certificate()}}, kNow).status());
  };
  EXPECT_EQ(reason_for("spiffe://td-a/x"), std::nullopt);
  EXPECT_EQ(reason_for("spiffe://td-b/x"), Reason::kCertProfile);
}

TEST_F(CertificateTest, NoOneBitChangeOfALeafVerifies) {
  const std::string good = root_.Sign(root_.Spec(key_));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto leaf = Certificate::FromDer(changed);
    if (!leaf.ok()) {
      EXPECT_EQ(ReasonOf(leaf.status()), Reason::kCertProfile);
      continue;
    }
    EXPECT_FALSE(VerifyChain(*leaf, {}, {{root_.certificate()}}, kNow).ok()) << "bit " << bit;
  }
}

}  // namespace
}  // namespace omninode::crypto
