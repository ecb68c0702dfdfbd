#include "tests/integration/rejections/letter.h"

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/envelope/dsse.h"
#include "common/envelope/signed_envelope_codec.h"
#include "common/envelope/test_wire.h"
#include "common/envelope/type_codec.h"
#include "common/identity/principal.h"
#include "tests/integration/rejections/calls.h"

namespace omninode::rejections {
namespace {

constexpr std::string_view kService = "omninode.registry.v1.RegistryService/";

identity::NodeIdentity NodeOf(const Actor& node) {
  const auto id = identity::SpiffeId::Parse(node.spiffe_id);
  OMNI_CHECK(id.ok());
  const auto principal = identity::Principal::From(*id);
  OMNI_CHECK(principal.ok());
  auto self = identity::AsNode(*principal);
  OMNI_CHECK(self.has_value());
  return *self;
}

EnvelopeBody Addressed(World& world, const Actor& signer, const std::string& ns) {
  EnvelopeBody body;
  body.set_event_id(crypto::RandomUuid());
  *body.mutable_timestamp() = envelope::Encode(absl::Now());
  *body.mutable_signed_at() = envelope::Encode(absl::Now());
  body.mutable_audience()->set_network_id(world.cluster().options().network);
  body.mutable_audience()->set_namespace_(ns);
  body.set_sequence(world.NextSequence());
  body.set_leaf_fingerprint(
      std::string(crypto::DigestBytes(crypto::Sha256(signer.chain_der.front()))));
  return body;
}

grpc::Status Send(World& world, const Actor& peer, std::string_view method,
                  std::string_view envelope, google::protobuf::MessageLite* answer) {
  const RawAnswer raw = CallRaw(world.Registry(peer), std::string(kService) + std::string(method),
                                envelope::testing::BytesField(1, envelope));
  if (answer != nullptr && raw.status.ok()) {
    OMNI_CHECK(raw.messages.size() == 1 && answer->ParseFromString(raw.messages.front()));
  }
  return raw.status;
}

}  // namespace

NodeIntrospection WordsOf(World& world, const Actor& node) {
  const identity::NodeIdentity self = NodeOf(node);
  NodeIntrospection words;
  words.set_namespace_(self.namespace_name.value());
  words.set_node_type(self.type.value());
  words.set_node_id(self.id.value());
  words.set_software_version("1.0");
  auto* capability = words.add_capabilities();
  capability->set_name("canary");
  capability->set_value(world.NewCanary());
  return words;
}

NodeTombstone GoodbyeOf(const Actor& node) {
  const identity::NodeIdentity self = NodeOf(node);
  NodeTombstone goodbye;
  goodbye.set_namespace_(self.namespace_name.value());
  goodbye.set_node_type(self.type.value());
  goodbye.set_node_id(self.id.value());
  return goodbye;
}

EnvelopeBody BodyOf(World& world, const Actor& signer, const NodeIntrospection& words) {
  EnvelopeBody body = Addressed(world, signer, words.namespace_());
  body.set_event_type(envelope::v1::EVENT_TYPE_NODE_INTROSPECTION);
  body.set_payload(words.SerializeAsString());
  return body;
}

EnvelopeBody BodyOf(World& world, const Actor& signer, const NodeTombstone& goodbye) {
  EnvelopeBody body = Addressed(world, signer, goodbye.namespace_());
  body.set_event_type(envelope::v1::EVENT_TYPE_NODE_TOMBSTONE);
  body.set_payload(goodbye.SerializeAsString());
  return body;
}

SignedEnvelope Sign(const Actor& signer, const std::string& body) {
  SignedEnvelope envelope;
  envelope.set_envelope_version("1.0");
  envelope.set_body(body);
  auto& security = *envelope.mutable_security();
  security.set_spiffe_id(signer.spiffe_id);
  for (const std::string& der : signer.chain_der) security.add_svid_certificates(der);
  security.set_signature_algorithm(
      envelope::Encode(crypto::SignatureAlgorithmFor(signer.key.algorithm())));
  security.set_signature(
      signer.key.Sign(envelope::PreAuthenticationEncoding(envelope::kPayloadType, body)));
  return envelope;
}

SignedEnvelope Registration(World& world, const Actor& node) {
  return Sign(node, BodyOf(world, node, WordsOf(world, node)));
}
SignedEnvelope Tombstone(World& world, const Actor& node) {
  return Sign(node, BodyOf(world, node, GoodbyeOf(node)));
}

grpc::Status Register(World& world, const Actor& peer, std::string_view envelope,
                      registry::v1::RegisterResponse* answer) {
  return Send(world, peer, "Register", envelope, answer);
}

grpc::Status Deregister(World& world, const Actor& peer, std::string_view envelope,
                        registry::v1::DeregisterResponse* answer) {
  return Send(world, peer, "Deregister", envelope, answer);
}

grpc::Status Lookup(World& world, const Actor& node, registry::v1::GetNodeResponse* answer) {
  const identity::NodeIdentity self = NodeOf(node);
  registry::v1::GetNodeRequest request;
  request.set_namespace_(self.namespace_name.value());
  request.set_node_id(self.id.value());
  request.set_with_evidence(true);
  return CallOnce(world.Registry(World::ActorOf(world.cluster().admin())),
                  std::string(kService) + "GetNode", request, answer);
}

}  // namespace omninode::rejections
