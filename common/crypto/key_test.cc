#include "common/crypto/key.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/oids.h"
#include "common/crypto/pem.h"

namespace omninode::crypto {
namespace {

constexpr KeyAlgorithm kAll[] = {KeyAlgorithm::kP256, KeyAlgorithm::kEd25519,
                                 KeyAlgorithm::kRsa2048};

std::string Bytes(std::string_view hex) { return HexDecode(hex).value(); }

std::string Pem(const PrivateKey& key) {
  return key.ToPkcs8Pem(SecretAccess::IKnowThisExposesAKey());
}

std::string Spki(std::string_view algorithm, std::string_view parameters, std::string_view key) {
  return DerSequenceOf({DerSequenceOf({DerOidOf(algorithm), parameters}), DerBitStringOf(key)});
}

// A number with exactly `bits` bits, odd unless said otherwise.
std::string Number(std::size_t bits, bool odd = true) {
  std::string out((bits + 7) / 8, '\x5a');
  out[0] = static_cast<char>(1U << ((bits - 1) % 8));
  out.back() = odd ? '\x5b' : '\x5a';
  return out;
}

std::string RsaSpki(std::string_view modulus, std::string_view exponent) {
  return Spki(kOidRsaEncryption, DerWrap(kDerNull, ""),
              DerSequenceOf({DerUnsignedInteger(modulus), DerUnsignedInteger(exponent)}));
}

std::optional<Reason> FromSpkiReason(std::string_view der) {
  return ReasonOf(PublicKey::FromSpki(der).status());
}

const std::string kF4("\x01\x00\x01", 3);

TEST(Keys, EveryKindSignsAndVerifies) {
  for (const KeyAlgorithm algorithm : kAll) {
    const PrivateKey key = PrivateKey::Generate(algorithm);
    EXPECT_EQ(key.algorithm(), algorithm);
    const SignatureAlgorithm with = SignatureAlgorithmFor(algorithm);
    const std::string signature = key.Sign("message");
    EXPECT_TRUE(key.public_key().Verify(with, "message", signature).ok());
    EXPECT_EQ(ReasonOf(key.public_key().Verify(with, "messagf", signature)), Reason::kSigInvalid);
    EXPECT_EQ(ReasonOf(key.public_key().Verify(with, "message", "")), Reason::kSigInvalid);
    EXPECT_EQ(ReasonOf(key.public_key().Verify(with, "message", signature + "x")),
              Reason::kSigInvalid);
    EXPECT_EQ(
        ReasonOf(PrivateKey::Generate(algorithm).public_key().Verify(with, "message", signature)),
        Reason::kSigInvalid);
    EXPECT_TRUE(key.public_key().Verify(with, "message", signature).ok()) << "again";
  }
}

TEST(Keys, OnlyTheAlgorithmOfTheKeyIsTaken) {
  const SignatureAlgorithm algorithms[] = {SignatureAlgorithm::kSha256WithEcdsa,
                                           SignatureAlgorithm::kEd25519,
                                           SignatureAlgorithm::kSha256WithRsa};
  for (const KeyAlgorithm algorithm : kAll) {
    const PrivateKey key = PrivateKey::Generate(algorithm);
    for (const SignatureAlgorithm with : algorithms) {
      const bool own = with == SignatureAlgorithmFor(algorithm);
      const absl::Status status = key.public_key().Verify(with, "m", key.Sign("m"));
      EXPECT_EQ(status.ok(), own);
      EXPECT_EQ(ReasonOf(status), own ? std::nullopt : std::optional(Reason::kAlgRejected));
    }
    EXPECT_EQ(ReasonOf(key.public_key().Verify(static_cast<SignatureAlgorithm>(7), "m", "")),
              Reason::kAlgRejected);
  }
}

TEST(Keys, MatchTheVectorOfRfc8032) {
  const PrivateKey key = PrivateKey::FromSeed(
      Bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(key.public_key().spki_der(),
            Spki(kOidEd25519, "",
                 Bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")));
  EXPECT_EQ(HexEncode(key.Sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Keys, TheSpkiRoundTrips) {
  for (const KeyAlgorithm algorithm : kAll) {
    const PublicKey key = PrivateKey::Generate(algorithm).public_key();
    const auto again = PublicKey::FromSpki(key.spki_der());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, key);
    EXPECT_EQ(again->algorithm(), algorithm);
    EXPECT_EQ(again->fingerprint(), Sha256(key.spki_der()));
  }
}

TEST(Keys, OneKeyVerifiesOnManyThreads) {
  const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kP256);
  const std::string signature = key.Sign("m");
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const PublicKey copy = key.public_key();
      for (int n = 0; n < 50; ++n) {
        good += copy.Verify(SignatureAlgorithm::kSha256WithEcdsa, "m", signature).ok() ? 1 : 0;
        good += copy.Verify(SignatureAlgorithm::kSha256WithEcdsa, "n", signature).ok() ? 100 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 200);
}

// ECDSA signatures taken apart and put together again.
struct RAndS {
  std::string r;
  std::string s;
};

RAndS TakeApart(std::string_view signature) {
  DerReader outer(signature);
  DerReader inner(outer.Expect(kDerSequence).value().content);
  const DerElement r = inner.Expect(kDerInteger).value();
  const DerElement s = inner.Expect(kDerInteger).value();
  return {std::string(DerUnsigned(r).value()), std::string(DerUnsigned(s).value())};
}

// The order of P-256 minus `s`.
std::string OtherS(std::string_view s) {
  const std::string order =
      Bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string padded = std::string(order.size() - s.size(), '\0') + std::string(s);
  std::string out(order.size(), '\0');
  int borrow = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    int digit = static_cast<std::uint8_t>(order[i]) - static_cast<std::uint8_t>(padded[i]) - borrow;
    borrow = digit < 0 ? 1 : 0;
    out[i] = static_cast<char>(digit + 256 * borrow);
  }
  return out;
}

class EcdsaForm : public testing::Test {
 protected:
  bool Accepts(std::string_view signature) const {
    const absl::Status status =
        key_.public_key().Verify(SignatureAlgorithm::kSha256WithEcdsa, "m", signature);
    EXPECT_TRUE(status.ok() || ReasonOf(status) == Reason::kSigInvalid) << status;
    return status.ok();
  }

  const PrivateKey key_ = PrivateKey::Generate(KeyAlgorithm::kP256);
  const std::string signature_ = key_.Sign("m");
  const RAndS parts_ = TakeApart(signature_);
};

TEST_F(EcdsaForm, BothValuesOfSAreAccepted) {
  EXPECT_TRUE(Accepts(DerSequenceOf({DerUnsignedInteger(parts_.r), DerUnsignedInteger(parts_.s)})));
  EXPECT_TRUE(
      Accepts(DerSequenceOf({DerUnsignedInteger(parts_.r), DerUnsignedInteger(OtherS(parts_.s))})));
}

TEST_F(EcdsaForm, OtherEncodingsOfTheSameNumbersAreRefused) {
  const std::string zeros(2, '\0');
  const std::string s = DerUnsignedInteger(parts_.s);
  EXPECT_FALSE(Accepts(DerSequenceOf({DerWrap(kDerInteger, zeros + parts_.r), s})));
  EXPECT_FALSE(Accepts(signature_ + "x"));
  EXPECT_FALSE(Accepts(DerSequenceOf({DerUnsignedInteger(parts_.r), s, DerWrap(kDerNull, "")})));
  std::string long_length = signature_;
  long_length.insert(1, 1, '\x81');
  EXPECT_FALSE(Accepts(long_length));
  EXPECT_FALSE(Accepts("\x30\x80" + signature_.substr(2) + zeros));
  EXPECT_FALSE(Accepts(parts_.r + parts_.s));
}

TEST_F(EcdsaForm, NumbersOutOfRangeAreRefused) {
  const std::string zero = DerUnsignedInteger("");
  EXPECT_FALSE(Accepts(DerSequenceOf({zero, zero})));
  EXPECT_FALSE(Accepts(DerSequenceOf({DerUnsignedInteger(parts_.r), zero})));
  EXPECT_FALSE(Accepts(
      DerSequenceOf({DerUnsignedInteger(parts_.r), DerUnsignedInteger(std::string(33, '\x7f'))})));
}

TEST(WeakKeys, RsaSizesAreBoundedOnBothSides) {
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(1024), kF4)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(2047), kF4)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(2048), kF4)), std::nullopt);
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(4096), kF4)), std::nullopt);
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(4097), kF4)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(16'384), kF4)), Reason::kCsrWeakKey);
}

TEST(WeakKeys, RsaNumbersMustBeSane) {
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(2048, false), kF4)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(RsaSpki("", kF4)), Reason::kCsrWeakKey);
  for (const std::string_view exponent :
       {"00", "01", "03", "010000", "80000001", "0100000001", "0100000000000000000001"}) {
    EXPECT_EQ(FromSpkiReason(RsaSpki(Number(2048), Bytes(exponent))), Reason::kCsrWeakKey)
        << exponent;
  }
  EXPECT_EQ(FromSpkiReason(RsaSpki(Number(2048), Bytes("7fffffff"))), std::nullopt);
}

TEST(WeakKeys, OnlyNamedP256WithAPointOnTheCurve) {
  const std::string good = PrivateKey::Generate(KeyAlgorithm::kP256).public_key().spki_der();
  const std::string point = good.substr(good.size() - 65);
  const std::string named = DerOidOf(kOidPrime256v1);
  ASSERT_EQ(good, Spki(kOidEcPublicKey, named, point));

  std::string off_curve = point;
  off_curve.back() = static_cast<char>(off_curve.back() ^ 1);
  const std::string p192 = DerOidOf("\x2a\x86\x48\xce\x3d\x03\x01\x01");
  const std::string p384 = DerOidOf(std::string_view("\x2b\x81\x04\x00\x22", 5));
  const std::string explicit_curve = DerSequenceOf({DerSmallInteger(1)});
  const std::string compressed = "\x02" + point.substr(1, 32);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, named, off_curve)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, named, compressed)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, named, std::string(1, 0))), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, named, "\x04" + std::string(64, '\xff'))),
            Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, p192, point)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, p384, point)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, explicit_curve, point)), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEcPublicKey, "", point)), Reason::kCsrWeakKey);
}

TEST(WeakKeys, OtherAlgorithmsAndFormsAreRefused) {
  const std::string good = PrivateKey::Generate(KeyAlgorithm::kEd25519).public_key().spki_der();
  EXPECT_EQ(FromSpkiReason(good), std::nullopt);
  EXPECT_EQ(FromSpkiReason(good + "x"), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(""), Reason::kCsrWeakKey);
  const std::string ed448 = "\x2b\x65\x71";
  EXPECT_EQ(FromSpkiReason(Spki(ed448, "", std::string(57, 'k'))), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEd25519, "", std::string(31, 'k'))), Reason::kCsrWeakKey);
  EXPECT_EQ(FromSpkiReason(Spki(kOidEd25519, DerWrap(kDerNull, ""), std::string(32, 'k'))),
            Reason::kCsrWeakKey);
}

TEST(WeakKeys, TheEncodingIsBounded) {
  const std::string inside(PublicKey::kMaxSpkiBytes - 4, 'k');
  const std::string at_bound = DerWrap(kDerSequence, inside);
  ASSERT_EQ(at_bound.size(), PublicKey::kMaxSpkiBytes);
  EXPECT_THAT(Message(PublicKey::FromSpki(at_bound).status()), testing::HasSubstr("malformed"));
  EXPECT_THAT(Message(PublicKey::FromSpki(at_bound + "k").status()),
              testing::HasSubstr("at most 1024"));
}

TEST(PrivateKeyPem, RoundTripsForEveryKind) {
  for (const KeyAlgorithm algorithm : kAll) {
    const PrivateKey key = PrivateKey::Generate(algorithm);
    const auto again = PrivateKey::FromPkcs8Pem(Pem(key));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->public_key(), key.public_key());
    EXPECT_TRUE(
        key.public_key().Verify(SignatureAlgorithmFor(algorithm), "m", again->Sign("m")).ok());
  }
}

TEST(PrivateKeyPem, RefusesEverythingThatIsNotOnePlainKey) {
  const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kP256);
  const std::string pem = Pem(key);
  const std::string der = ParsePem(pem).value().front().der;
  const auto refuses = [](std::string_view text) {
    return PrivateKey::FromPkcs8Pem(text).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refuses(""));
  EXPECT_TRUE(refuses(pem + pem));
  EXPECT_TRUE(refuses(EncodePem("EC PRIVATE KEY", der)));
  EXPECT_TRUE(refuses(EncodePem("ENCRYPTED PRIVATE KEY", der)));
  EXPECT_TRUE(refuses(EncodePem("PRIVATE KEY", der + "x")));
  EXPECT_TRUE(refuses(EncodePem("PRIVATE KEY", der.substr(0, der.size() / 2))));
  EXPECT_TRUE(refuses(pem + std::string(PrivateKey::kMaxPemBytes, '\n')));
  EXPECT_FALSE(refuses(pem + std::string(PrivateKey::kMaxPemBytes - pem.size(), '\n')));
}

TEST(PrivateKeyPem, RefusesHalvesThatDoNotBelongTogether) {
  const PrivateKey one = PrivateKey::Generate(KeyAlgorithm::kP256);
  const PrivateKey two = PrivateKey::Generate(KeyAlgorithm::kP256);
  std::string der = ParsePem(Pem(one)).value().front().der;
  const std::string spki = two.public_key().spki_der();
  // The structure ends with the public point.
  der.replace(der.size() - 65, 65, spki.substr(spki.size() - 65));
  const auto key = PrivateKey::FromPkcs8Pem(EncodePem("PRIVATE KEY", der));
  EXPECT_THAT(Message(key.status()), testing::HasSubstr("do not belong together"));
}

TEST(PrivateKeyPem, ErrorsHoldNothingOfTheKey) {
  const std::string pem = Pem(PrivateKey::Generate(KeyAlgorithm::kP256));
  const std::string body = pem.substr(pem.find('\n') + 1, 32);
  const auto key = PrivateKey::FromPkcs8Pem(pem + pem);
  EXPECT_THAT(Message(key.status()), testing::Not(testing::HasSubstr(body)));
}

TEST(KeyNames, AreFixed) {
  EXPECT_EQ(NameOf(KeyAlgorithm::kP256), "p256");
  EXPECT_EQ(NameOf(KeyAlgorithm::kEd25519), "ed25519");
  EXPECT_EQ(NameOf(KeyAlgorithm::kRsa2048), "rsa2048");
  EXPECT_EQ(NameOf(SignatureAlgorithm::kSha256WithRsa), "sha256-rsa");
  EXPECT_EQ(NameOf(SignatureAlgorithm::kSha256WithEcdsa), "sha256-ecdsa");
  EXPECT_EQ(NameOf(SignatureAlgorithm::kEd25519), "ed25519");
}

}  // namespace
}  // namespace omninode::crypto
