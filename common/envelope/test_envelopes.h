#ifndef OMNINODE_COMMON_ENVELOPE_TEST_ENVELOPES_H_
#define OMNINODE_COMMON_ENVELOPE_TEST_ENVELOPES_H_

#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/envelope/dsse.h"
#include "common/envelope/payload.h"
#include "common/envelope/raw_envelope.h"
#include "common/envelope/seal.h"
#include "common/identity/testing/test_authority.h"

// Envelopes for the tests of this folder.
namespace omninode::envelope::testing {

inline constexpr std::string_view kEventId = "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90";
inline constexpr absl::Time kSignedAt = absl::FromUnixSeconds(1'800'000'000);

inline Audience AudienceOf(std::string_view network, std::string_view ns) {
  return {.network_id = NetworkId::Parse(network).value(), .ns = NamespaceName::Parse(ns).value()};
}

inline directory::Introspection::Fields IntrospectionFields() {
  return {.ns = "tenant-a",
          .node_type = "worker",
          .node_id = "w1",
          .version = "1.4.2",
          .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}, {"metrics", "https://10.0.0.7:9100/m"}},
          .capabilities = {{"max_jobs", "40"}},
          .labels = {{"zone", "eu-1"}},
          .epoch = "blue",
          .health = directory::Health::kDegraded,
          .requested_ttl = absl::Milliseconds(4500)};
}
inline directory::Introspection IntrospectionValue() {
  return directory::Introspection::Create(IntrospectionFields()).value();
}

inline TombstonePayload TombstoneValue() {
  return {.ns = NamespaceName::Parse("tenant-a").value(),
          .node_type = NodeType::Parse("worker").value(),
          .node_id = NodeId::Parse("w1").value(),
          .final_health = directory::Health::kNotServing,
          .uptime = absl::Hours(5) + absl::Nanoseconds(7),
          .reason_text = "scaled down"};
}

inline Body BodyValue() {
  return {.event_id = std::string(kEventId),
          .type = EventType::kNodeIntrospection,
          .timestamp = kSignedAt - absl::Seconds(1),
          .signed_at = kSignedAt,
          .audience = AudienceOf("demo", "tenant-a"),
          .sequence = 1'799'999'999'000'000,
          .leaf_fingerprint = crypto::Sha256("leaf"),
          .correlation_id = "deploy 17",
          .payload = EncodeIntrospection(IntrospectionValue())};
}

inline SealInput InputValue() {
  const Body body = BodyValue();
  return {.type = body.type,
          .timestamp = body.timestamp,
          .audience = body.audience,
          .sequence = body.sequence,
          .correlation_id = body.correlation_id,
          .payload = body.payload};
}

inline identity::X509Svid SvidOf(crypto::KeyAlgorithm algorithm) {
  return identity::TestAuthority("example.org")
      .Issue("/ns/tenant-a/node/worker/w1", {.algorithm = algorithm});
}

inline RawEnvelope Sealed(const identity::X509Svid& svid) {
  return SealRaw(InputValue(), kEventId, kSignedAt, svid).value();
}

// Any bytes as the body, properly signed.
inline RawEnvelope SignedBytes(const identity::X509Svid& svid, std::string body) {
  return {.spiffe_id = svid.id().ToString(),
          .certificates_der = svid.chain_der(),
          .algorithm = crypto::SignatureAlgorithmFor(svid.key().algorithm()),
          .signature = svid.key().Sign(PreAuthenticationEncoding(kPayloadType, body)),
          .body = std::move(body)};
}

}  // namespace omninode::envelope::testing

#endif  // OMNINODE_COMMON_ENVELOPE_TEST_ENVELOPES_H_
