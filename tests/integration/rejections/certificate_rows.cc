#include <gtest/gtest.h>

#include "common/crypto/certificate_issuer.h"
#include "common/crypto/der_writer.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/csr_maker.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"

// T38 certificates that are no SVIDs, T39 signing certificates: as the TLS client, and as the
// signer of an envelope that a sound agent carries.
namespace omninode::rejections {
namespace {

using crypto::CertificateSpec;
using Maker = std::function<Actor(World&, const std::string& id)>;

constexpr char kGetNode[] = "omninode.registry.v1.RegistryService/GetNode";

std::string NewNodeId(World& world) {
  return world.authority().Id("/ns/tenant-a/node/worker/" + world.NewName());
}

// From an address of its own, because such a client has no identity to be called by.
Runner AsClient(const Maker& make) {
  return [=](World& world, Outcome& outcome) {
    const Actor actor = make(world, NewNodeId(world));
    const World::Door door = world.NewDoor(world.cluster().registry_address());
    registry::v1::GetNodeRequest request;
    request.set_namespace_(std::string(kTenant));
    request.set_node_id("n1");
    outcome.peer = door.peer;
    const auto leaf = crypto::Certificate::FromDer(actor.chain_der.front());
    ASSERT_TRUE(leaf.ok()) << leaf.status();
    if (!leaf->uri_sans().empty()) outcome.claimed = leaf->uri_sans().front();
    outcome.status = CallOnce(Dial(door.address, &actor), kGetNode, request);
  };
}

Runner AsSigner(const Maker& make) {
  return [=](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    const std::string id = NewNodeId(world);
    Actor actor = make(world, id);
    actor.spiffe_id = id;
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, Registration(world, actor));
  };
}

// A certificate of the network's authority of which `change` changes one thing.
Maker Changed(const std::function<void(CertificateSpec&)>& change) {
  return [=](World& world, const std::string& id) {
    return world.authority().Issue(id, {.change = change});
  };
}

void TwoNames(CertificateSpec& spec) {
  spec.uris.push_back("spiffe://testbed.example/admin/mallory");
}
void NoName(CertificateSpec& spec) {
  spec.uris.clear();
  spec.dns = {"registry.example"};
}
void UnknownCritical(CertificateSpec& spec) {
  spec.extra.push_back({std::string(kOidUnknown), true, crypto::DerBool(true)});
}
void Authority(CertificateSpec& spec) {
  spec.is_ca = true;
  spec.key_usage = crypto::kUsageDigitalSignature | crypto::kUsageKeyCertSign;
}

Actor SelfSigned(World&, const std::string& id) {
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  CertificateSpec spec{.serial = "self", .key = key.public_key()};
  spec.issuer_der = crypto::EncodeName({.organization = "OmniNode"});
  spec.subject_der = spec.issuer_der;
  spec.not_before = absl::Now() - absl::Minutes(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.uris = {id};
  spec.is_ca = false;
  spec.key_usage = crypto::kUsageDigitalSignature;
  spec.server_auth = true;
  spec.client_auth = true;
  spec.subject_key_id = crypto::KeyIdentifierOf(key.public_key());
  return {id, {crypto::SignCertificate(spec, key)}, key};
}

// Under an authority that nobody trusts but which has the same name of the trust domain.
Actor OfAnotherAuthority(World&, const std::string& id) {
  const auto ca_key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const auto ca = crypto::CreateSelfSignedCa({.uri = "spiffe://testbed.example",
                                              .common_name = "testbed.example",
                                              .not_before = absl::Now() - absl::Hours(1),
                                              .not_after = absl::Now() + absl::Hours(1)},
                                             ca_key);
  const auto key = crypto::PrivateKey::Generate(crypto::KeyAlgorithm::kP256);
  const auto issuer = crypto::CertificateIssuer::Create(*ca, ca_key);
  const auto leaf = issuer->IssueLeaf({.uri = id,
                                       .dns = {},
                                       .key = key.public_key(),
                                       .not_before = absl::Now() - absl::Minutes(1),
                                       .not_after = absl::Now() + absl::Minutes(30),
                                       .serial = std::string(crypto::kSerialBytes, 's')});
  return {id, {leaf->der(), ca->der()}, key};
}

Maker Below(int intermediates) {
  return [=](World& world, const std::string& id) {
    Actor above = world.authority().IssueIntermediate(nullptr, {});
    for (int i = 1; i < intermediates; ++i) {
      above = world.authority().IssueIntermediate(&above, {});
    }
    return world.authority().IssueBelow(above, id, {});
  };
}

// Below an authority that may only speak for other.example (RFC 5280 4.2.1.10).
Actor OutsideTheNameConstraint(World& world, const std::string& id) {
  const std::string host = crypto::DerWrap(crypto::DerContext(6, false), "other.example");
  const std::string constraints = crypto::DerSequenceOf(
      {crypto::DerWrap(crypto::DerContext(0, true), crypto::DerSequenceOf({host}))});
  const Actor above = world.authority().IssueIntermediate(
      nullptr, {.change = [&](CertificateSpec& spec) {
        spec.uris.clear();
        spec.extra.push_back({std::string(kOidNameConstraints), true, constraints});
      }});
  return world.authority().IssueBelow(above, id, {});
}

void AddClients(Runners& rows) {
  rows["T38.two_names"] = AsClient(Changed(TwoNames));
  rows["T38.no_name"] = AsClient(Changed(NoName));
  rows["T38.name_without_a_path"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.uris = {"spiffe://testbed.example"}; }));
  rows["T38.key_usage_not_critical"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.key_usage_critical = false; }));
  rows["T38.no_key_usage"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.key_usage.reset(); }));
  rows["T38.may_sign_certificates"] = AsClient(
      Changed([](CertificateSpec& spec) { *spec.key_usage |= crypto::kUsageKeyCertSign; }));
  rows["T38.may_sign_revocation_lists"] =
      AsClient(Changed([](CertificateSpec& spec) { *spec.key_usage |= crypto::kUsageCrlSign; }));
  rows["T38.for_clients_only"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.server_auth = false; }));
  rows["T38.for_servers_only"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.client_auth = false; }));
  rows["T38.may_not_sign"] =
      AsClient(Changed([](CertificateSpec& spec) { spec.key_usage = crypto::kUsageCrlSign; }));
  rows["T38.unknown_critical_extension"] = AsClient(Changed(UnknownCritical));
  rows["T38.of_another_trust_domain"] = AsClient(
      Changed([](CertificateSpec& spec) { spec.uris = {"spiffe://other.example/admin/mallory"}; }));
  rows["T38.self_signed"] = AsClient(SelfSigned);
  rows["T38.another_authority"] = AsClient(OfAnotherAuthority);
  rows["T38.outside_the_name_constraint"] = AsClient(OutsideTheNameConstraint);
  rows["T38.twenty_intermediates"] = AsClient(Below(20));
  rows["T38.no_certificate"] = [](World& world, Outcome& outcome) {
    outcome.status = CallOnce(Dial(world.cluster().registry_address(), nullptr), kGetNode,
                              registry::v1::GetNodeRequest());
  };
  rows["T38.one_intermediate"] = [](World& world, Outcome& outcome) {
    const Actor node = Below(1)(world, NewNodeId(world));
    outcome.status = Register(world, node, Registration(world, node));
  };
}

void AddSigners(Runners& rows) {
  rows["T38.two_names_signed"] = AsSigner(Changed(TwoNames));
  rows["T38.no_name_signed"] = AsSigner(Changed(NoName));
  rows["T38.unknown_critical_extension_signed"] = AsSigner(Changed(UnknownCritical));
  rows["T38.self_signed_signed"] = AsSigner(SelfSigned);
  rows["T38.another_authority_signed"] = AsSigner(OfAnotherAuthority);
  rows["T38.outside_the_name_constraint_signed"] = AsSigner(OutsideTheNameConstraint);
  rows["T38.twenty_intermediates_signed"] = AsSigner(Below(20));
  rows["T38.garbage_for_a_certificate"] = AsSigner([](World& world, const std::string& id) {
    Actor actor = world.authority().Issue(id);
    actor.chain_der = {"no certificate"};
    return actor;
  });
  rows["T38.no_certificate_signed"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    SignedEnvelope envelope = Registration(world, world.NewNode());
    envelope.mutable_security()->clear_svid_certificates();
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, envelope);
  };
}

void AddAuthorities(Runners& rows) {
  const Maker itself = [](World& world, const std::string&) { return world.authority().Self(); };
  rows["T39.the_authority_itself"] = AsClient(itself);
  rows["T39.the_authority_itself_signed"] = AsSigner(itself);
  rows["T39.an_authority_with_an_identity"] = AsClient(Changed(Authority));
  rows["T39.an_authority_with_an_identity_signed"] = AsSigner(Changed(Authority));
}

}  // namespace

void AddCertificateRows(Runners& rows) {
  AddClients(rows);
  AddSigners(rows);
  AddAuthorities(rows);
}

}  // namespace omninode::rejections
