#include "tests/integration/rejections/newcomer.h"

#include <chrono>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/status.h"
#include "common/envelope/join_proof.h"
#include "omninode/bootstrap/v1/attestation_service.grpc.pb.h"
#include "tests/integration/rejections/calls.h"

namespace omninode::rejections {

namespace v1 = bootstrap::v1;

absl::StatusOr<enrollment::TokenFile> NewToken(World& world, const std::string& spiffe_id,
                                               std::optional<absl::Duration> ttl) {
  OMNI_ASSIGN_OR_RETURN(auto token,
                        world.cluster().admin().bootstrap().CreateJoinToken(spiffe_id, ttl));
  world.KeepSecret(Base64Encode(token.token));
  world.KeepSecret(HexEncode(token.token));
  return token;
}

std::string Prove(const enrollment::TokenFile& token, const std::string& csr,
                  const std::string& challenge) {
  const auto message = envelope::JoinProofMessage({.token_id = token.token_id,
                                                   .csr_der = csr,
                                                   .trust_domain = token.bundle.trust_domain(),
                                                   .challenge = challenge});
  OMNI_CHECK(message.ok());
  return crypto::PrivateKey::FromSeed(token.token).Sign(*message);
}

Attempt HonestAttempt(const enrollment::TokenFile& token, std::string csr) {
  return {
      .token_id = token.token_id,
      .csr = csr,
      .spiffe_id = "",
      .prove = [token, csr](const std::string& challenge) { return Prove(token, csr, challenge); }};
}

grpc::Status Attest(const std::string& attestor_address, const Attempt& attempt,
                    v1::AttestationResult* result) {
  const auto stub = v1::AttestationService::NewStub(Dial(attestor_address, nullptr));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kCallTimeout));
  const auto stream = stub->Attest(&context);
  v1::AttestRequest request;
  v1::AttestResponse response;
  request.mutable_start()->mutable_join_token()->set_token_id(attempt.token_id);
  request.mutable_start()->set_csr(attempt.csr);
  request.mutable_start()->set_spiffe_id(attempt.spiffe_id);
  if (!stream->Write(request) || !stream->Read(&response)) return stream->Finish();
  request.Clear();
  request.mutable_proof()->set_signature(attempt.prove(response.challenge().challenge()));
  if (stream->Write(request) && stream->Read(&response) && result != nullptr) {
    *result = response.result();
  }
  stream->WritesDone();
  return stream->Finish();
}

}  // namespace omninode::rejections
