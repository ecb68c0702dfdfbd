#include "common/enrollment/bootstrap_client.h"

#include <chrono>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/csr.h"
#include "common/enrollment/trust_codec.h"
#include "common/envelope/join_proof.h"
#include "common/envelope/type_codec.h"
#include "common/identity/static_source.h"
#include "common/rpc/serve/status_codec.h"
#include "common/rpc/transport/channel.h"
#include "omninode/bootstrap/v1/attestation_service.grpc.pb.h"
#include "omninode/bootstrap/v1/identity_service.grpc.pb.h"
#include "omninode/bootstrap/v1/local_identity_service.grpc.pb.h"
#include "omninode/bootstrap/v1/trust_service.grpc.pb.h"

namespace omninode::enrollment {
namespace {

namespace v1 = bootstrap::v1;

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
}

absl::StatusOr<FirstIdentity> MakeFirst(const v1::X509Svid& svid, const v1::TrustState& trust,
                                        const crypto::PrivateKey& key, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(identity::X509Svid own, Decode(svid, key));
  OMNI_ASSIGN_OR_RETURN(NetworkTrust network, Decode(trust, now));
  return FirstIdentity{std::move(own), std::move(network), SerializeTrust(trust)};
}

using AttestStream = grpc::ClientReaderWriter<v1::AttestRequest, v1::AttestResponse>;

// Sends one step and reads the answer; false when the stream is over.
bool Exchange(AttestStream& stream, const v1::AttestRequest& request, v1::AttestResponse* answer) {
  return stream.Write(request) && stream.Read(answer);
}

absl::Status Unexpected() {
  return Reject(Reason::kMsgMalformed, "the attestor answered out of order");
}

// The two round trips of AttestationService.Attest.
absl::StatusOr<v1::AttestationResult> Attest(AttestStream& stream, const TokenFile& token,
                                             const std::string& csr) {
  v1::AttestRequest request;
  v1::AttestResponse response;
  request.mutable_start()->mutable_join_token()->set_token_id(token.token_id);
  request.mutable_start()->set_csr(csr);
  request.mutable_start()->set_spiffe_id(token.spiffe_id);
  if (!Exchange(stream, request, &response)) return rpc::FromGrpc(stream.Finish());
  if (!response.has_challenge()) return Unexpected();
  OMNI_ASSIGN_OR_RETURN(
      const std::string message,
      envelope::JoinProofMessage({.token_id = token.token_id,
                                  .csr_der = csr,
                                  .trust_domain = token.bundle.trust_domain(),
                                  .challenge = response.challenge().challenge()}));
  request.Clear();
  request.mutable_proof()->set_signature(crypto::PrivateKey::FromSeed(token.token).Sign(message));
  if (!Exchange(stream, request, &response)) return rpc::FromGrpc(stream.Finish());
  if (!response.has_result()) return Unexpected();
  return std::move(*response.mutable_result());
}

}  // namespace

absl::StatusOr<FirstIdentity> AttestWithToken(const TokenFile& token, const crypto::PrivateKey& key,
                                              const Clock& clock, absl::Duration timeout) {
  OMNI_ASSIGN_OR_RETURN(auto bundles, identity::BundleSet::Create({token.bundle}));
  identity::StaticTrustSource trust(std::make_shared<const identity::TrustState>(
      identity::TrustState{.own = token.bundle.trust_domain(), .bundles = std::move(bundles)}));
  rpc::RotatingChannel channel({.address = token.attestor_address,
                                .expected = rpc::ExpectService("attestor"),
                                .trust = &trust,
                                .clock = &clock});
  const auto stub = v1::AttestationService::NewStub(channel.Get());
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  const auto stream = stub->Attest(&context);
  auto result = Attest(*stream, token, crypto::MakeCsr(key));
  context.TryCancel();
  if (!result.ok()) {
    return Annotate(result.status(), fmt::format("attestor {}", token.attestor_address));
  }
  return MakeFirst(result->svid(), result->trust(), key, clock.Now());
}

absl::StatusOr<FirstIdentity> IssueLocally(const std::string& socket_path,
                                           const std::string& spiffe_id,
                                           const crypto::PrivateKey& key,
                                           std::optional<absl::Duration> ttl, const Clock& clock,
                                           absl::Duration timeout) {
  const auto stub = v1::LocalIdentityService::NewStub(rpc::LocalChannel(socket_path));
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  v1::IssueSvidRequest request;
  request.set_spiffe_id(spiffe_id);
  request.set_csr(crypto::MakeCsr(key));
  if (ttl.has_value()) *request.mutable_ttl() = envelope::Encode(*ttl);
  v1::IssueSvidResponse response;
  if (const auto status = stub->IssueSvid(&context, request, &response); !status.ok()) {
    return Annotate(rpc::FromGrpc(status), socket_path);
  }
  return MakeFirst(response.svid(), response.trust(), key, clock.Now());
}

absl::StatusOr<identity::X509Svid> RenewSvid(const std::shared_ptr<grpc::Channel>& channel,
                                             const crypto::PrivateKey& key,
                                             absl::Duration timeout) {
  const auto stub = v1::IdentityService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  v1::RenewSvidRequest request;
  request.set_csr(crypto::MakeCsr(key));
  v1::RenewSvidResponse response;
  if (const auto status = stub->RenewSvid(&context, request, &response); !status.ok()) {
    return rpc::FromGrpc(status);
  }
  return Decode(response.svid(), key);
}

absl::Status WatchTrust(const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context,
                        std::uint64_t known_sequence, const Clock& clock,
                        const std::function<absl::Status(TrustWord)>& on_word) {
  const auto stub = v1::TrustService::NewStub(channel);
  v1::WatchTrustRequest request;
  request.set_known_sequence(known_sequence);
  const auto reader = stub->WatchTrust(context, request);
  v1::WatchTrustResponse response;
  absl::Status refused;
  while (refused.ok() && reader->Read(&response)) {
    TrustWord word{.sequence = response.sequence()};
    if (response.has_trust()) {
      auto trust = Decode(response.trust(), clock.Now());
      if (trust.ok()) {
        word.trust = *std::move(trust);
        word.trust_bytes = SerializeTrust(response.trust());
      } else {
        refused = trust.status();
      }
    }
    if (refused.ok()) refused = on_word(std::move(word));
  }
  if (!refused.ok()) context->TryCancel();
  const grpc::Status ended = reader->Finish();
  return refused.ok() ? rpc::FromGrpc(ended) : refused;
}

absl::Status AckTrust(const std::shared_ptr<grpc::Channel>& channel, std::uint64_t sequence,
                      absl::Duration timeout) {
  const auto stub = v1::TrustService::NewStub(channel);
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  v1::AckTrustRequest request;
  request.set_sequence(sequence);
  v1::AckTrustResponse response;
  return rpc::FromGrpc(stub->AckTrust(&context, request, &response));
}

}  // namespace omninode::enrollment
