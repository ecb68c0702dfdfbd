#include "common/envelope/raw_envelope.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/test_wire.h"

namespace omninode::envelope {
namespace {

using testing::BytesField;
using testing::NumberField;
using testing::OverlongVarint;
using testing::Tag;
using testing::Varint;

RawEnvelope Small() {
  return {.spiffe_id = "spiffe://example.org/ns/tenant-a/node/worker/w1",
          .certificates_der = {"leaf", "intermediate"},
          .algorithm = crypto::SignatureAlgorithm::kEd25519,
          .signature = "signature",
          .body = "body"};
}

// Small() by hand, so that one part can be written otherwise.
struct Parts {
  std::string version = BytesField(1, "1.0");
  std::string body = BytesField(2, "body");
  std::string spiffe_id = BytesField(1, Small().spiffe_id);
  std::string certificates = BytesField(2, "leaf") + BytesField(2, "intermediate");
  std::string algorithm = NumberField(3, 3);
  std::string signature = BytesField(4, "signature");
  std::string after_security;
  std::string end;

  std::string Encode() const {
    return version + body +
           BytesField(3, spiffe_id + certificates + algorithm + signature + after_security) + end;
  }
};

template <typename Change>
absl::Status StatusWith(Change change) {
  Parts parts;
  change(parts);
  return DecodeRawEnvelope(parts.Encode()).status();
}
template <typename Change>
std::optional<Reason> RefusalWith(Change change) {
  return ReasonOf(StatusWith(change));
}

TEST(RawEnvelopeTest, HasTheBytesOfTheProtoFile) {
  EXPECT_EQ(EncodeRawEnvelope(Small()), Parts().Encode());
  const auto decoded = DecodeRawEnvelope(Parts().Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Small());
}

RC_GTEST_PROP(RawEnvelopeProperty, ComesBackAsItWas, ()) {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  RawEnvelope envelope{
      .spiffe_id = *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')),
      .algorithm = *rc::gen::element(crypto::SignatureAlgorithm::kSha256WithRsa,
                                     crypto::SignatureAlgorithm::kSha256WithEcdsa,
                                     crypto::SignatureAlgorithm::kEd25519),
      .signature = *bytes,
      .body = *bytes};
  const auto count = *rc::gen::inRange<std::size_t>(0, kMaxCertificates + 1);
  for (std::size_t i = 0; i < count; ++i) envelope.certificates_der.push_back(*bytes);
  const auto decoded = DecodeRawEnvelope(EncodeRawEnvelope(envelope));
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == envelope);
}

TEST(RawEnvelopeTest, RefusesASecondBody) {
  EXPECT_EQ(RefusalWith([](Parts& p) { p.end = BytesField(2, "other"); }), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.end = BytesField(2, "body"); }), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.body += BytesField(2, ""); }), Reason::kMsgMalformed);
  EXPECT_EQ(MetadataOf(StatusWith([](Parts& p) { p.body += BytesField(2, ""); }))["field"], "body");
}

TEST(RawEnvelopeTest, RefusesASecondValueOfAnythingElse) {
  for (const std::string& end : {BytesField(1, "1.0"), BytesField(3, "")}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.end = end; }), Reason::kMsgMalformed);
  }
  for (const std::string& again : {BytesField(1, ""), NumberField(3, 3), BytesField(4, "x")}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.after_security = again; }), Reason::kMsgMalformed);
  }
}

TEST(RawEnvelopeTest, RefusesUnknownFieldsAndGroups) {
  for (const std::string& more :
       {NumberField(4, 1), BytesField(15, "x"), Tag(9, 3) + Tag(9, 4), Tag(2, 3) + Tag(2, 4)}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.end = more; }), Reason::kMsgMalformed);
  }
  for (const std::string& more : {NumberField(5, 1), Tag(5, 3) + Tag(5, 4)}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.after_security = more; }), Reason::kMsgMalformed);
  }
}

TEST(RawEnvelopeTest, RefusesOverlongNumbersAndOtherWireTypes) {
  EXPECT_EQ(RefusalWith([](Parts& p) { p.algorithm = Tag(3, 0) + OverlongVarint(3); }),
            Reason::kMsgMalformed);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.body = Tag(2, 2) + OverlongVarint(4) + "body"; }),
            Reason::kMsgMalformed);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.body = NumberField(2, 4); }), Reason::kMsgMalformed);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.algorithm = BytesField(3, "\x03"); }),
            Reason::kMsgMalformed);
}

TEST(RawEnvelopeTest, RefusesNestingBombs) {
  std::string nested;
  for (int depth = 0; depth < 5'000; ++depth) nested = BytesField(3, nested);
  EXPECT_EQ(ReasonOf(DecodeRawEnvelope(nested).status()), Reason::kMsgMalformed);
}

TEST(RawEnvelopeTest, RefusesOtherVersions) {
  for (const char* version : {"", "1", "1.1", "2.0", " 1.0"}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.version = BytesField(1, version); }),
              Reason::kMsgMalformed)
        << version;
  }
  EXPECT_EQ(RefusalWith([](Parts& p) { p.version.clear(); }), Reason::kMsgMalformed);
}

TEST(RawEnvelopeTest, RefusesOtherAlgorithms) {
  for (const std::uint64_t algorithm : {0u, 4u, 0x7fff'ffffu}) {
    EXPECT_EQ(RefusalWith([&](Parts& p) { p.algorithm = NumberField(3, algorithm); }),
              Reason::kAlgRejected)
        << algorithm;
  }
  EXPECT_EQ(RefusalWith([](Parts& p) { p.algorithm.clear(); }), Reason::kAlgRejected);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.algorithm = NumberField(3, (1ULL << 32) + 3); }),
            Reason::kMsgMalformed)
      << "protobuf would read 3";
}

TEST(RawEnvelopeTest, BoundsTheBody) {
  const auto with_body = [](std::size_t size) {
    return RefusalWith([&](Parts& p) { p.body = BytesField(2, std::string(size, 'b')); });
  };
  EXPECT_EQ(with_body(kMaxBodyBytes), std::nullopt);
  EXPECT_EQ(with_body(kMaxBodyBytes + 1), Reason::kMsgTooLarge);
  EXPECT_EQ(RefusalWith([](Parts& p) { p.body = Tag(2, 2) + Varint(1ULL << 31); }),
            Reason::kMsgTooLarge)
      << "the length alone is refused";
}

TEST(RawEnvelopeTest, BoundsTheWhole) {
  RawEnvelope envelope = Small();
  envelope.body = std::string(kMaxBodyBytes, 'b');
  const auto refusal = [&](std::size_t size) {
    envelope.certificates_der = {std::string(15'000, 'c'), std::string(1'000, 'c')};
    const std::size_t missing = size - EncodeRawEnvelope(envelope).size();
    envelope.certificates_der.back().append(missing, 'c');
    const std::string bytes = EncodeRawEnvelope(envelope);
    EXPECT_EQ(bytes.size(), size);
    return ReasonOf(DecodeRawEnvelope(bytes).status());
  };
  EXPECT_EQ(refusal(kMaxEnvelopeBytes), std::nullopt);
  EXPECT_EQ(refusal(kMaxEnvelopeBytes + 1), Reason::kMsgTooLarge);
}

TEST(RawEnvelopeTest, BoundsTheOtherFields) {
  const auto with_id = [](std::size_t size) {
    return RefusalWith([&](Parts& p) { p.spiffe_id = BytesField(1, std::string(size, 'i')); });
  };
  EXPECT_EQ(with_id(kMaxSpiffeIdBytes), std::nullopt);
  EXPECT_EQ(with_id(kMaxSpiffeIdBytes + 1), Reason::kMsgTooLarge);
  const auto with_signature = [](std::size_t size) {
    return RefusalWith([&](Parts& p) { p.signature = BytesField(4, std::string(size, 's')); });
  };
  EXPECT_EQ(with_signature(kMaxSignatureBytes), std::nullopt);
  EXPECT_EQ(with_signature(kMaxSignatureBytes + 1), Reason::kMsgTooLarge);
  const auto with_certificate = [](std::size_t size) {
    return RefusalWith([&](Parts& p) { p.certificates = BytesField(2, std::string(size, 'c')); });
  };
  EXPECT_EQ(with_certificate(kMaxCertificateBytes), std::nullopt);
  EXPECT_EQ(with_certificate(kMaxCertificateBytes + 1), Reason::kMsgTooLarge);
}

TEST(RawEnvelopeTest, BoundsTheNumberOfCertificates) {
  const auto with_certificates = [](std::size_t count) {
    return RefusalWith([&](Parts& p) {
      p.certificates.clear();
      for (std::size_t i = 0; i < count; ++i) p.certificates += BytesField(2, "c");
    });
  };
  EXPECT_EQ(with_certificates(0), std::nullopt);
  EXPECT_EQ(with_certificates(kMaxCertificates), std::nullopt);
  EXPECT_EQ(with_certificates(kMaxCertificates + 1), Reason::kMsgMalformed);
}

TEST(SignedEnvelopeCodecTest, AppliesTheSameBoundsToAParsedMessage) {
  const auto refusal = [](auto change) {
    v1::SignedEnvelope message = Encode(Small());
    change(message);
    return ReasonOf(Decode(message).status());
  };
  EXPECT_EQ(refusal([](auto&) {}), std::nullopt);
  EXPECT_EQ(refusal([](auto& m) { m.set_envelope_version("1.1"); }), Reason::kMsgMalformed);
  EXPECT_EQ(refusal([](auto& m) { m.set_body(std::string(kMaxBodyBytes + 1, 'b')); }),
            Reason::kMsgTooLarge);
  EXPECT_EQ(refusal([](auto& m) {
              m.mutable_security()->set_spiffe_id(std::string(kMaxSpiffeIdBytes + 1, 'i'));
            }),
            Reason::kMsgTooLarge);
  EXPECT_EQ(refusal([](auto& m) {
              m.mutable_security()->set_signature(std::string(kMaxSignatureBytes + 1, 's'));
            }),
            Reason::kMsgTooLarge);
  EXPECT_EQ(
      refusal([](auto& m) {
        m.mutable_security()->add_svid_certificates(std::string(kMaxCertificateBytes + 1, 'c'));
      }),
      Reason::kMsgTooLarge);
  EXPECT_EQ(refusal([](auto& m) {
              for (int i = 0; i < 3; ++i) m.mutable_security()->add_svid_certificates("c");
            }),
            Reason::kMsgMalformed);
  EXPECT_EQ(refusal([](auto& m) { m.clear_security(); }), Reason::kAlgRejected);
}

}  // namespace
}  // namespace omninode::envelope
