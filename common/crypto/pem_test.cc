#include "common/crypto/pem.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"

namespace omninode::crypto {
namespace {

std::optional<Reason> CertificatesReason(std::string_view pem) {
  return ReasonOf(CertificatesFromPem(pem).status());
}

TEST(Pem, CertificatesRoundTripInOrder) {
  const std::vector<std::string> ders{"first", std::string(200, '\xff'), std::string(1, '\0')};
  const auto again = CertificatesFromPem(CertificatesToPem(ders));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, ders);
}

TEST(Pem, LinesHaveSixtyFourCharacters) {
  EXPECT_EQ(EncodePem("CERTIFICATE", std::string(49, 'a')),
            "-----BEGIN CERTIFICATE-----\n"
            "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n"
            "YQ==\n"
            "-----END CERTIFICATE-----\n");
}

TEST(Pem, TakesOtherLineEndsAndTextAround) {
  const auto ders = CertificatesFromPem(
      "subject=O = x\r\n-----BEGIN CERTIFICATE-----\r\nYWJj\r\n-----END CERTIFICATE-----\r\ntail");
  ASSERT_TRUE(ders.ok()) << ders.status();
  EXPECT_EQ(*ders, std::vector<std::string>{"abc"});
}

TEST(Pem, RefusesBlocksOfAnotherKind) {
  const std::string certificate = EncodePem("CERTIFICATE", "abc");
  EXPECT_EQ(CertificatesReason(certificate + EncodePem("PRIVATE KEY", "abc")),
            Reason::kCertProfile);
  EXPECT_EQ(CertificatesReason(certificate), std::nullopt);
}

TEST(Pem, RefusesMalformedBlocks) {
  for (const std::string_view pem :
       {"", "no block at all", "-----BEGIN CERTIFICATE-----\nYWJj\n",
        "-----BEGIN CERTIFICATE-----\nYW*j\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nYWJj\n-----END OTHER-----\n",
        "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE---"
        "--\n"}) {
    EXPECT_EQ(CertificatesReason(pem), Reason::kCertProfile) << pem;
  }
}

TEST(Pem, TheNumberOfCertificatesIsBounded) {
  const std::vector<std::string> most(kMaxPemCertificates, "abc");
  const std::vector<std::string> more(kMaxPemCertificates + 1, "abc");
  EXPECT_EQ(CertificatesFromPem(CertificatesToPem(most)).value().size(), kMaxPemCertificates);
  EXPECT_EQ(CertificatesReason(CertificatesToPem(more)), Reason::kCertProfile);
}

TEST(Pem, TheSizeIsBounded) {
  const std::string block = EncodePem("CERTIFICATE", "abc");
  const std::string at_bound = block + std::string(kMaxPemBytes - block.size(), ' ');
  EXPECT_EQ(CertificatesReason(at_bound), std::nullopt);
  EXPECT_EQ(CertificatesReason(at_bound + " "), Reason::kCertProfile);
}

RC_GTEST_PROP(PemProperty, AnyBytesRoundTrip, (const std::string& bytes)) {
  RC_PRE(!bytes.empty());
  const auto blocks = ParsePem(EncodePem("X Y", bytes));
  RC_ASSERT(blocks.ok());
  RC_ASSERT(blocks->size() == 1u);
  RC_ASSERT(blocks->front().label == "X Y");
  RC_ASSERT(blocks->front().der == bytes);
}

}  // namespace
}  // namespace omninode::crypto
