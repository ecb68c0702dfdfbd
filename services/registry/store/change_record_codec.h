#ifndef OMNINODE_SERVICES_REGISTRY_STORE_CHANGE_RECORD_CODEC_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_CHANGE_RECORD_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "services/registry/store/registry_store.h"
#include "services/registry/store/stored_node.h"
#include "services/registry/topology/change_record.h"

// The store's own format (proto/omninode/storage/v1/change_log.proto) from and to values. Pure;
// equal values give equal bytes. Decoding fails with DataLoss: nobody but us writes these bytes.
namespace omninode::registry {

// A record read back. `before` of its changes is null: what was before is not kept, but for the
// version.
struct LoggedRecord {
  ChangeRecord record;
  std::vector<std::uint64_t> previous_versions;  // of the nodes, by place in record.changes
};

// REQUIRES: changes have `before` and `after` as their kind demands; a departure has the record's
// position and time, and the last message's sequence.
std::string EncodeChangeRecord(const ChangeRecord& record);
absl::StatusOr<LoggedRecord> DecodeChangeRecord(std::string_view bytes, const ChainLookup& chains);

// The record as those see it who follow the topology. REQUIRES: it has changes.
LoggedVersion ToLoggedVersion(LoggedRecord logged, std::uint64_t seq);

// Without the certificates, which stay where they are.
std::string EncodeEvidence(const Evidence& evidence);
absl::StatusOr<EvidencePtr> DecodeEvidence(std::string_view bytes, const ChainLookup& chains);

// Every message in an encoded record, without a look inside.
struct EvidenceInRecord {
  NodeId node;
  std::string evidence;  // as EncodeEvidence writes it
};
absl::StatusOr<std::vector<EvidenceInRecord>> EvidenceIn(std::string_view change_record);

std::string EncodeChain(const CertificateChain& chain);
absl::StatusOr<ChainPtr> DecodeChain(const crypto::Sha256Digest& leaf, std::string_view bytes);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_CHANGE_RECORD_CODEC_H_
