#ifndef OMNINODE_SERVICES_REGISTRY_ADMISSION_TESTING_ENVELOPES_H_
#define OMNINODE_SERVICES_REGISTRY_ADMISSION_TESTING_ENVELOPES_H_

#include <string>
#include <string_view>

#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/identity/testing/test_authority.h"
#include "services/registry/admission/verifier.h"

// Envelopes as nodes really send them, for tests of what admits them.
namespace omninode::registry::testing {

inline constexpr std::string_view kNetwork = "demo";
inline constexpr std::string_view kEventId = "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90";

inline envelope::Audience AudienceOf(std::string_view network, std::string_view ns) {
  return {*NetworkId::Parse(network), *NamespaceName::Parse(ns)};
}

inline directory::Introspection::Fields FieldsOf(const std::string& id) {
  return {.ns = "tenant-a",
          .node_type = "worker",
          .node_id = id,
          .version = "1.0",
          .endpoints = {{"grpc", "grpcs://127.0.0.1:7000"}}};
}

// A registration of worker `id` of tenant-a, made a second before `now`.
inline envelope::SealInput RegistrationInput(const std::string& id, absl::Time now) {
  return {
      .type = envelope::EventType::kNodeIntrospection,
      .timestamp = now - absl::Seconds(1),
      .audience = AudienceOf(kNetwork, "tenant-a"),
      .sequence = static_cast<std::uint64_t>(absl::ToUnixMicros(now - absl::Seconds(1))),
      .correlation_id = "deploy 17",
      .payload = envelope::EncodeIntrospection(*directory::Introspection::Create(FieldsOf(id)))};
}

inline envelope::SealInput GoodbyeInput(const std::string& id, absl::Time now) {
  envelope::SealInput input = RegistrationInput(id, now);
  input.type = envelope::EventType::kNodeTombstone;
  input.payload = envelope::EncodeTombstone({.ns = *NamespaceName::Parse("tenant-a"),
                                             .node_type = *NodeType::Parse("worker"),
                                             .node_id = *NodeId::Parse(id),
                                             .final_health = directory::Health::kNotServing,
                                             .uptime = absl::Hours(1),
                                             .reason_text = "scaled down"});
  return input;
}

inline std::string PathOf(const std::string& id) { return "/ns/tenant-a/node/worker/" + id; }

inline Submitter Itself(const identity::X509Svid& svid) { return {svid.id(), false}; }
inline Submitter Agent(const identity::TestAuthority& authority) {
  return {authority.Id("/agent/host-1"), true};
}

}  // namespace omninode::registry::testing

#endif  // OMNINODE_SERVICES_REGISTRY_ADMISSION_TESTING_ENVELOPES_H_
