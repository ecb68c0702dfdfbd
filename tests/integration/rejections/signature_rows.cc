#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/hmac.h"
#include "common/crypto/random.h"
#include "common/envelope/dsse.h"
#include "common/envelope/test_wire.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"

// T1 another's signature, T2 changed bytes, T15 algorithm confusion, T16 malleability.
namespace omninode::rejections {
namespace {

using crypto::KeyAlgorithm;

// A sound registration of a new node, of which `change` changes one thing after it was signed.
Runner Changed(const std::function<void(SignedEnvelope&)>& change,
               KeyAlgorithm algorithm = KeyAlgorithm::kP256) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode(kTenant, {.algorithm = algorithm});
    SignedEnvelope envelope = Registration(world, node);
    change(envelope);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
}

// The same for its signature alone.
Runner Resigned(const std::function<std::string(const std::string&)>& change,
                KeyAlgorithm algorithm = KeyAlgorithm::kP256) {
  return Changed(
      [change](SignedEnvelope& envelope) {
        auto& security = *envelope.mutable_security();
        security.set_signature(change(security.signature()));
      },
      algorithm);
}

Runner Labelled(int algorithm, KeyAlgorithm key = KeyAlgorithm::kP256) {
  return Changed(
      [=](SignedEnvelope& envelope) {
        envelope.mutable_security()->set_signature_algorithm(
            static_cast<envelope::v1::SignatureAlgorithm>(algorithm));
      },
      key);
}

std::string SignedPart(const SignedEnvelope& envelope) {
  return envelope::PreAuthenticationEncoding(envelope::kPayloadType, envelope.body());
}

void SignWithAnotherKey(SignedEnvelope& envelope) {
  envelope.mutable_security()->set_signature(
      crypto::PrivateKey::Generate(KeyAlgorithm::kP256).Sign(SignedPart(envelope)));
}

// What one gets who takes the public key for a shared secret, as some verifiers can be made to.
void SignWithThePublicKey(SignedEnvelope& envelope) {
  auto& security = *envelope.mutable_security();
  const auto leaf = crypto::Certificate::FromDer(security.svid_certificates(0));
  ASSERT_TRUE(leaf.ok());
  const auto mac = crypto::HmacSha256(leaf->public_key()->spki_der(), SignedPart(envelope));
  security.set_signature(std::string(crypto::DigestBytes(mac)));
}

void AddForgeries(Runners& rows) {
  rows["T1.signed_by_another_key"] = Changed(SignWithAnotherKey);
  rows["T1.random_bytes"] = Resigned([](const std::string&) { return crypto::RandomBytes(70); });
  rows["T1.no_signature"] = Resigned([](const std::string&) { return std::string(); });
  rows["T1.random_bytes_ed25519"] =
      Resigned([](const std::string&) { return crypto::RandomBytes(64); }, KeyAlgorithm::kEd25519);
  rows["T1.random_bytes_rsa"] =
      Resigned([](const std::string&) { return crypto::RandomBytes(256); }, KeyAlgorithm::kRsa2048);
  rows["T1.tombstone_signed_by_another_key"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    SignedEnvelope envelope = Tombstone(world, node);
    SignWithAnotherKey(envelope);
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, envelope);
    registry::v1::GetNodeResponse still_there;
    EXPECT_TRUE(Lookup(world, node, &still_there).ok());
  };
  rows["T1.another_certificate_of_the_same_key"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const Actor renewed = world.authority().IssueFor(node.key, node.spiffe_id, {});
    SignedEnvelope envelope = Registration(world, node);
    envelope.mutable_security()->set_svid_certificates(0, renewed.chain_der.front());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
}

// Sends the envelope's bytes with more behind them.
Runner Appended(const std::function<std::string(const SignedEnvelope&)>& more) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const SignedEnvelope envelope = Registration(world, node);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope.SerializeAsString() + more(envelope));
  };
}

void AddTampering(Runners& rows) {
  using envelope::testing::BytesField;
  rows["T2.one_body_byte_changed"] = Changed([](SignedEnvelope& envelope) {
    // The last byte belongs to the payload: the body can still be read.
    envelope.mutable_body()->back() = static_cast<char>(envelope.body().back() ^ 1);
  });
  rows["T2.body_cut_off"] = Changed([](SignedEnvelope& envelope) { envelope.clear_body(); });
  rows["T2.body_of_another_envelope"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    SignedEnvelope envelope = Registration(world, node);
    envelope.set_body(Registration(world, node).body());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
  rows["T2.unsigned_body_is_not_parsed"] = Changed([](SignedEnvelope& envelope) {
    // Whoever parsed this would say MSG_MALFORMED.
    envelope.set_body("\xff\xff\xff");
  });
  rows["T2.second_body"] = Appended(
      [](const SignedEnvelope& envelope) { return BytesField(2, envelope.body() + "evil"); });
  rows["T2.field_beside_the_body"] =
      Appended([](const SignedEnvelope&) { return BytesField(9, "evil"); });
  rows["T2.tombstone_byte_changed"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    SignedEnvelope envelope = Tombstone(world, node);
    envelope.mutable_body()->back() = static_cast<char>(envelope.body().back() ^ 1);
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, envelope);
  };
}

void AddConfusion(Runners& rows) {
  using namespace envelope::v1;
  constexpr int kHmacOfSomebodyElse = 5;
  rows["T15.none"] = Changed([](SignedEnvelope& envelope) {
    envelope.mutable_security()->clear_signature_algorithm();
    envelope.mutable_security()->clear_signature();
  });
  rows["T15.hmac_with_the_public_key"] = Changed([](SignedEnvelope& envelope) {
    SignWithThePublicKey(envelope);
    envelope.mutable_security()->set_signature_algorithm(
        static_cast<SignatureAlgorithm>(kHmacOfSomebodyElse));
  });
  rows["T15.hmac_called_ecdsa"] = Changed(SignWithThePublicKey);
  rows["T15.rsa_for_an_ecdsa_key"] = Labelled(SIGNATURE_ALGORITHM_SHA256_WITH_RSA);
  rows["T15.ed25519_for_an_ecdsa_key"] = Labelled(SIGNATURE_ALGORITHM_ED25519);
  rows["T15.ecdsa_for_an_rsa_key"] =
      Labelled(SIGNATURE_ALGORITHM_SHA256_WITH_ECDSA, KeyAlgorithm::kRsa2048);
  rows["T15.ecdsa_for_an_ed25519_key"] =
      Labelled(SIGNATURE_ALGORITHM_SHA256_WITH_ECDSA, KeyAlgorithm::kEd25519);
  rows["T15.unknown_algorithm"] = Labelled(99);
}

// The two numbers of a DER signature.
struct Ecdsa {
  std::string r;
  std::string s;

  static Ecdsa From(const std::string& der) {
    crypto::DerReader outer(der);
    const auto sequence = outer.Expect(crypto::kDerSequence);
    crypto::DerReader inner(sequence->content);
    const auto r = inner.Expect(crypto::kDerInteger);
    const auto s = inner.Expect(crypto::kDerInteger);
    return {std::string(*crypto::DerUnsigned(*r)), std::string(*crypto::DerUnsigned(*s))};
  }
  std::string ToDer() const {
    return crypto::DerSequenceOf({crypto::DerUnsignedInteger(r), crypto::DerUnsignedInteger(s)});
  }
};

std::string Padded(const std::string& number) {
  return std::string(32 - number.size(), '\0') + number;
}

// n - s, for the order n of P-256 (FIPS 186-4 D.1.2.3): it verifies as well as s does.
std::string Negated(const std::string& s) {
  const std::string n =
      *HexDecode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  const std::string subtrahend = Padded(s);
  std::string difference(32, '\0');
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int value =
        static_cast<unsigned char>(n[i]) - static_cast<unsigned char>(subtrahend[i]) - borrow;
    borrow = value < 0 ? 1 : 0;
    difference[i] = static_cast<char>(value & 0xff);
  }
  return difference;
}

std::string HighS(const std::string& der) {
  Ecdsa signature = Ecdsa::From(der);
  if (static_cast<unsigned char>(Padded(signature.s)[0]) < 0x80) {
    signature.s = Negated(signature.s);
  }
  return signature.ToDer();
}

void AddMalleability(Runners& rows) {
  rows["T16.trailing_byte"] = Resigned([](const std::string& der) { return der + '\0'; });
  rows["T16.trailing_element_inside"] = Resigned([](const std::string& der) {
    crypto::DerReader reader(der);
    return crypto::DerSequenceOf({reader.Expect(crypto::kDerSequence)->content, "\x05\x00"});
  });
  rows["T16.long_form_length"] =
      Resigned([](const std::string& der) { return der.substr(0, 1) + '\x81' + der.substr(1); });
  rows["T16.indefinite_length"] = Resigned([](const std::string& der) {
    return std::string("\x30\x80", 2) + der.substr(2) + std::string(2, '\0');
  });
  rows["T16.padded_integer"] = Resigned([](const std::string& der) {
    const Ecdsa signature = Ecdsa::From(der);
    const std::string padded = std::string(2, '\0') + Padded(signature.r);
    return crypto::DerSequenceOf(
        {crypto::DerWrap(crypto::kDerInteger, padded), crypto::DerUnsignedInteger(signature.s)});
  });
  rows["T16.raw_numbers"] = Resigned([](const std::string& der) {
    const Ecdsa signature = Ecdsa::From(der);
    return Padded(signature.r) + Padded(signature.s);
  });
  rows["T16.ed25519_trailing_byte"] =
      Resigned([](const std::string& raw) { return raw + '\0'; }, KeyAlgorithm::kEd25519);
  rows["T16.rsa_leading_zero"] =
      Resigned([](const std::string& raw) { return '\0' + raw; }, KeyAlgorithm::kRsa2048);
  rows["T16.high_s"] = Resigned(HighS);
}

}  // namespace

void AddSignatureRows(Runners& rows) {
  AddForgeries(rows);
  AddTampering(rows);
  AddConfusion(rows);
  AddMalleability(rows);
}

}  // namespace omninode::rejections
