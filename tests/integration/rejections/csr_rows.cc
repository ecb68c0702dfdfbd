#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/crypto/der_writer.h"
#include "omninode/bootstrap/v1/attestation_service.pb.h"
#include "omninode/bootstrap/v1/identity_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/csr_maker.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"

// T31 what a signing request says beside its key, T32 asks for, T33 and T34 of which key.
namespace omninode::rejections {
namespace {

using crypto::DerContext;
using crypto::DerSequenceOf;
using crypto::DerWrap;
using crypto::KeyAlgorithm;
using crypto::PrivateKey;

constexpr char kRenew[] = "omninode.bootstrap.v1.IdentityService/RenewSvid";

std::string NewNodeId(World& world) {
  return world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName());
}

// An honest attestation but for its request, made by `csr`.
Runner Requests(const std::function<std::string(const PrivateKey&)>& csr) {
  return [=](World& world, Outcome& outcome) {
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(token.ok()) << token.status();
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status =
        Attest(door.address, HonestAttempt(*token, csr(PrivateKey::Generate(KeyAlgorithm::kP256))));
  };
}

Runner RequestsExtension(std::string_view oid, bool critical, const std::string& value) {
  return Requests([extension = Extension(oid, critical, value)](const PrivateKey& key) {
    return MakeHostileCsr(key, {.extensions = {extension}});
  });
}

Runner RequestsFor(const std::string& spki) {
  return Requests([spki](const PrivateKey& key) { return MakeHostileCsr(key, {.spki = spki}); });
}

// G18 and G19: what was issued is what the server decided, for the key of the request.
void ExpectOurs(const bootstrap::v1::X509Svid& svid, const std::string& id, const PrivateKey& key) {
  ASSERT_EQ(svid.certificates_size(), 1);
  const auto leaf = crypto::Certificate::FromDer(svid.certificates(0));
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(leaf->uri_sans(), std::vector<std::string>{id});
  EXPECT_TRUE(leaf->dns_sans().empty());
  EXPECT_EQ(leaf->other_san_count(), 0u);
  EXPECT_EQ(leaf->subject(), "O=OmniNode");
  EXPECT_EQ(leaf->public_key()->spki_der(), key.public_key().spki_der());
  EXPECT_FALSE(leaf->is_ca());
  EXPECT_FALSE(leaf->key_usage()->key_cert_sign);
  EXPECT_TRUE(leaf->key_usage()->critical && leaf->key_usage()->digital_signature);
  EXPECT_LE(leaf->not_after() - leaf->not_before(), absl::Hours(1) + absl::Minutes(1));
}

Runner Ignored(const std::function<CsrParts(World&)>& parts) {
  return [=](World& world, Outcome& outcome) {
    const std::string id = NewNodeId(world);
    const auto token = NewToken(world, id);
    ASSERT_TRUE(token.ok()) << token.status();
    const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kP256);
    bootstrap::v1::AttestationResult result;
    outcome.status = Attest(world.cluster().attestor_address(),
                            HonestAttempt(*token, MakeHostileCsr(key, parts(world))), &result);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    ExpectOurs(result.svid(), id, key);
  };
}

// Alternative names: an administrator, the registry, an address, a mail box.
std::string Names(World& world) {
  return DerSequenceOf(
      {DerWrap(DerContext(6, false), world.authority().Id("/admin/mallory")),
       DerWrap(DerContext(6, false), world.authority().Id("/service/registry/registry-1")),
       DerWrap(DerContext(2, false), "registry.example"),
       DerWrap(DerContext(7, false), std::string("\x7f\x00\x00\x01", 4)),
       DerWrap(DerContext(1, false), "root@example.org")});
}

void AddIgnored(Runners& rows) {
  rows["T31.more_names"] = Ignored([](World& world) {
    return CsrParts{.extensions = {Extension(kOidSubjectAltName, false, Names(world))}};
  });
  rows["T31.more_names_critical"] = Ignored([](World& world) {
    return CsrParts{.extensions = {Extension(kOidSubjectAltName, true, Names(world))}};
  });
  rows["T31.another_subject"] =
      Ignored([](World&) { return CsrParts{.common_name = "registry-1"}; });
  rows["T31.unknown_extension"] = Ignored([](World&) {
    return CsrParts{.extensions = {Extension(kOidUnknown, false, "long life, please")}};
  });
  rows["T31.more_names_at_renewal"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const PrivateKey key = PrivateKey::Generate(KeyAlgorithm::kP256);
    bootstrap::v1::RenewSvidRequest request;
    bootstrap::v1::RenewSvidResponse answer;
    request.set_csr(
        MakeHostileCsr(key, {.extensions = {Extension(kOidSubjectAltName, false, Names(world))},
                             .common_name = "registry-1"}));
    outcome.status = CallOnce(world.Bootstrap(node), kRenew, request, &answer);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    ExpectOurs(answer.svid(), node.spiffe_id, key);
  };
}

void AddForbidden(Runners& rows) {
  const std::string is_ca = DerSequenceOf({crypto::DerBool(true)});
  constexpr std::uint16_t kKeyCertSign = 1U << 5;
  constexpr std::uint16_t kCrlSign = 1U << 6;
  rows["T32.wants_to_be_an_authority"] = RequestsExtension(kOidBasicConstraints, true, is_ca);
  rows["T32.wants_to_be_an_authority_not_critical"] =
      RequestsExtension(kOidBasicConstraints, false, is_ca);
  rows["T32.wants_to_sign_certificates"] =
      RequestsExtension(kOidKeyUsage, true, crypto::DerNamedBits(kKeyCertSign));
  rows["T32.wants_to_sign_revocation_lists"] =
      RequestsExtension(kOidKeyUsage, true, crypto::DerNamedBits(kCrlSign));
  rows["T32.unknown_critical_extension"] = RequestsExtension(kOidUnknown, true, "x");
  rows["T32.wants_to_be_an_authority_at_renewal"] = [is_ca](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    bootstrap::v1::RenewSvidRequest request;
    request.set_csr(MakeHostileCsr(PrivateKey::Generate(KeyAlgorithm::kP256),
                                   {.extensions = {Extension(kOidBasicConstraints, true, is_ca)}}));
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Bootstrap(node), kRenew, request);
  };
  rows["T32.long_life"] = Ignored([](World&) {
    // privateKeyUsagePeriod until 2099; a request has no other word for its life.
    constexpr std::string_view kOidPrivateKeyUsagePeriod = "\x55\x1d\x10";
    const std::string until = DerWrap(DerContext(1, false), "20991231235959Z");
    return CsrParts{
        .extensions = {Extension(kOidPrivateKeyUsagePeriod, false, DerSequenceOf({until}))}};
  });
}

// A number of so many bits, with its first and last bit set.
std::string Number(std::size_t bits) {
  std::string number(bits / 8, '\xa5');
  number.front() = '\x80';
  number.back() = '\x01';
  return number;
}

void AddWeakKeys(Runners& rows) {
  const std::string usual("\x01\x00\x01", 3);
  std::string even = Number(2048);
  even.back() = '\x02';
  rows["T33.rsa_1024"] = RequestsFor(RsaSpki(Number(1024), usual));
  rows["T33.rsa_16384"] = RequestsFor(RsaSpki(Number(16'384), usual));
  rows["T33.rsa_exponent_1"] = RequestsFor(RsaSpki(Number(2048), "\x01"));
  rows["T33.rsa_exponent_3"] = RequestsFor(RsaSpki(Number(2048), "\x03"));
  rows["T33.rsa_exponent_2_31"] =
      RequestsFor(RsaSpki(Number(2048), std::string("\x80\x00\x00\x01", 4)));
  rows["T33.rsa_even_modulus"] = RequestsFor(RsaSpki(even, usual));
  rows["T33.p192"] = RequestsFor(EcSpki(kOidP192, "\x04" + std::string(48, '\x11')));
  rows["T33.p384"] = RequestsFor(EcSpki(kOidP384, "\x04" + std::string(96, '\x11')));
  rows["T33.point_not_on_the_curve"] =
      RequestsFor(EcSpki(kOidP256, "\x04" + std::string(64, '\x11')));
  rows["T33.point_at_infinity"] = RequestsFor(EcSpki(kOidP256, std::string(1, '\0')));
}

void AddProofs(Runners& rows) {
  rows["T34.signed_by_another_key"] = Requests([](const PrivateKey& key) {
    return MakeHostileCsr(
        key, {.spki = PrivateKey::Generate(KeyAlgorithm::kP256).public_key().spki_der()});
  });
  rows["T34.signature_changed"] = Requests([](const PrivateKey& key) {
    std::string csr = crypto::MakeCsr(key);
    csr.back() = static_cast<char>(csr.back() ^ 1);
    return csr;
  });
  rows["T34.unknown_signature_algorithm"] = Requests([](const PrivateKey& key) {
    return MakeHostileCsr(key, {.algorithm_oid = std::string(kOidUnknown)});
  });
  rows["T34.key_of_another_node"] = [](World& world, Outcome& outcome) {
    const auto victim = NewToken(world, NewNodeId(world));
    const auto token = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(victim.ok() && token.ok());
    const std::string csr = crypto::MakeCsr(PrivateKey::Generate(KeyAlgorithm::kP256));
    ASSERT_TRUE(Attest(world.cluster().attestor_address(), HonestAttempt(*victim, csr)).ok());
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, HonestAttempt(*token, csr));
  };
  rows["T34.key_of_another_node_at_renewal"] = [](World& world, Outcome& outcome) {
    const auto victim = NewToken(world, NewNodeId(world));
    ASSERT_TRUE(victim.ok()) << victim.status();
    const std::string csr = crypto::MakeCsr(PrivateKey::Generate(KeyAlgorithm::kP256));
    ASSERT_TRUE(Attest(world.cluster().attestor_address(), HonestAttempt(*victim, csr)).ok());
    const Actor node = world.NewNode();
    bootstrap::v1::RenewSvidRequest request;
    request.set_csr(csr);
    outcome.peer = node.spiffe_id;
    outcome.status = CallOnce(world.Bootstrap(node), kRenew, request);
  };
}

}  // namespace

void AddCsrRows(Runners& rows) {
  AddIgnored(rows);
  AddForbidden(rows);
  AddWeakKeys(rows);
  AddProofs(rows);
}

}  // namespace omninode::rejections
