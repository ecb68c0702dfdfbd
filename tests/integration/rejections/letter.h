#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_LETTER_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_LETTER_H_

#include <functional>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>

#include "omninode/envelope/v1/introspection.pb.h"
#include "omninode/envelope/v1/signed_envelope.pb.h"
#include "omninode/registry/v1/registry_service.pb.h"
#include "tests/integration/rejections/world.h"

// Envelopes as their nodes would seal them, of which each row changes one thing.
namespace omninode::rejections {

using envelope::v1::EnvelopeBody;
using envelope::v1::NodeIntrospection;
using envelope::v1::NodeTombstone;
using envelope::v1::SignedEnvelope;

// The words of `node`, signed by nobody yet. A canary is among them.
NodeIntrospection WordsOf(World& world, const Actor& node);
NodeTombstone GoodbyeOf(const Actor& node);

// What `signer` would sign: addressed to the right network and namespace, of this moment.
EnvelopeBody BodyOf(World& world, const Actor& signer, const NodeIntrospection& words);
EnvelopeBody BodyOf(World& world, const Actor& signer, const NodeTombstone& goodbye);

// Bytes of any content as a body, honestly signed; and the shortest ways to a sound envelope.
SignedEnvelope Sign(const Actor& signer, const std::string& body);
inline SignedEnvelope Sign(const Actor& signer, const EnvelopeBody& body) {
  return Sign(signer, body.SerializeAsString());
}
SignedEnvelope Registration(World& world, const Actor& node);
SignedEnvelope Tombstone(World& world, const Actor& node);

// Sends the bytes of an envelope as `peer`.
grpc::Status Register(World& world, const Actor& peer, std::string_view envelope,
                      registry::v1::RegisterResponse* answer = nullptr);
grpc::Status Deregister(World& world, const Actor& peer, std::string_view envelope,
                        registry::v1::DeregisterResponse* answer = nullptr);
inline grpc::Status Register(World& world, const Actor& peer, const SignedEnvelope& envelope,
                             registry::v1::RegisterResponse* answer = nullptr) {
  return Register(world, peer, envelope.SerializeAsString(), answer);
}
inline grpc::Status Deregister(World& world, const Actor& peer, const SignedEnvelope& envelope,
                               registry::v1::DeregisterResponse* answer = nullptr) {
  return Deregister(world, peer, envelope.SerializeAsString(), answer);
}

// The live node as an administrator sees it.
grpc::Status Lookup(World& world, const Actor& node, registry::v1::GetNodeResponse* answer);

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_LETTER_H_
