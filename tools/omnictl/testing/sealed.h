#ifndef OMNINODE_TOOLS_OMNICTL_TESTING_SEALED_H_
#define OMNINODE_TOOLS_OMNICTL_TESTING_SEALED_H_

#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "common/directory/introspection.h"
#include "common/envelope/payload.h"
#include "common/envelope/seal.h"
#include "common/identity/testing/test_authority.h"

// Envelopes with real signatures for the tests of this folder.
namespace omninode::omnictl::testing {

inline constexpr std::string_view kWorkerPath = "/ns/tenant-a/node/worker/w1";

inline directory::Introspection::Fields SealedFields() {
  return {.ns = "tenant-a",
          .node_type = "worker",
          .node_id = "w1",
          .endpoints = {{"grpc", "grpcs://10.0.0.7:8443"}},
          .labels = {{"zone", "eu-1"}}};
}

// `fields` about whom `svid` says it, for namespace `audience`.
inline envelope::RawEnvelope SealAs(const identity::X509Svid& svid,
                                    directory::Introspection::Fields fields = SealedFields(),
                                    std::string_view audience = "tenant-a",
                                    absl::Time signed_at = identity::TestAuthority::DefaultNow()) {
  return envelope::SealRaw({.type = envelope::EventType::kNodeIntrospection,
                            .timestamp = signed_at,
                            .audience = {NetworkId::Parse("demo").value(),
                                         NamespaceName::Parse(audience).value()},
                            .sequence = 1'800'000'000'000'000,
                            .payload = envelope::EncodeIntrospection(
                                directory::Introspection::Create(std::move(fields)).value())},
                           "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90", signed_at, svid)
      .value();
}

}  // namespace omninode::omnictl::testing

#endif  // OMNINODE_TOOLS_OMNICTL_TESTING_SEALED_H_
