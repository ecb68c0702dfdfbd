#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_NEWCOMER_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_NEWCOMER_H_

#include <functional>
#include <optional>
#include <string>

#include <absl/status/statusor.h>
#include <absl/time/time.h>
#include <grpcpp/support/status.h>

#include "common/enrollment/token_file.h"
#include "tests/integration/rejections/world.h"

namespace omninode::bootstrap::v1 {
class AttestationResult;
}

// Attestation step by step, so that each step may lie.
namespace omninode::rejections {

struct Attempt {
  std::string token_id;
  std::string csr;
  std::string spiffe_id;  // the identity wanted; empty: whatever the token says
  // What to answer to the challenge.
  std::function<std::string(const std::string& challenge)> prove;
};

// A join token of the network; its secret is kept among the world's. Fails as CreateJoinToken.
absl::StatusOr<enrollment::TokenFile> NewToken(World& world, const std::string& spiffe_id,
                                               std::optional<absl::Duration> ttl = std::nullopt);
// An honest attempt with it.
Attempt HonestAttempt(const enrollment::TokenFile& token, std::string csr);
// What the token's holder signs.
std::string Prove(const enrollment::TokenFile& token, const std::string& csr,
                  const std::string& challenge);

// Both steps, without a certificate, over a connection of its own. `result` may be null.
grpc::Status Attest(const std::string& attestor_address, const Attempt& attempt,
                    bootstrap::v1::AttestationResult* result = nullptr);

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_NEWCOMER_H_
