#include "services/registry/store/certificate_rows.h"

#include "common/base/status.h"
#include "services/registry/store/change_record_codec.h"
#include "services/registry/store/row_values.h"

namespace omninode::registry {
namespace {

constexpr std::string_view kAdopt =
    "INSERT INTO certificates(fingerprint, users, idle_since, chain) VALUES(?1, 1, 0, ?2)"
    " ON CONFLICT(fingerprint) DO UPDATE SET users = users + 1";
constexpr std::string_view kRetire =
    "UPDATE certificates SET users = users - 1, idle_since = ?2"
    " WHERE fingerprint = ?1 AND users > 0";
constexpr std::string_view kSelect = "SELECT chain FROM certificates WHERE fingerprint = ?1";
constexpr std::string_view kDeleteIdle =
    "DELETE FROM certificates WHERE users = 0 AND idle_since <= ?1";

}  // namespace

absl::Status CertificateRows::Adopt(const CertificateChain& chain) {
  const std::string encoded = EncodeChain(chain);
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kAdopt));
  BindDigest(row, 1, chain.leaf_fingerprint);
  row.BindBlob(2, encoded);
  return row.Execute();
}

absl::Status CertificateRows::Retire(const CertificateChain& chain, std::uint64_t seq) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kRetire));
  BindDigest(row, 1, chain.leaf_fingerprint);
  row.BindUint64(2, seq);
  OMNI_RETURN_IF_ERROR(row.Execute());
  return ExpectOneRow(database_, "certificates", crypto::DigestHex(chain.leaf_fingerprint));
}

absl::StatusOr<ChainPtr> CertificateRows::Find(const crypto::Sha256Digest& leaf) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kSelect));
  BindDigest(row, 1, leaf);
  OMNI_ASSIGN_OR_RETURN(const bool there, row.Step());
  if (!there) {
    return Error(absl::StatusCode::kDataLoss, "certificate {} is not stored",
                 crypto::DigestHex(leaf));
  }
  return DecodeChain(leaf, row.Blob(0));
}

absl::Status CertificateRows::DeleteIdle(std::uint64_t seq) {
  OMNI_ASSIGN_OR_RETURN(sql::Statement row, database_.Prepare(kDeleteIdle));
  row.BindUint64(1, seq);
  return row.Execute();
}

absl::StatusOr<ChainPtr> ChainCache::operator()(const crypto::Sha256Digest& leaf) {
  if (const auto it = known_.find(leaf); it != known_.end()) return it->second;
  OMNI_ASSIGN_OR_RETURN(ChainPtr chain, rows_.Find(leaf));
  known_.emplace(leaf, chain);
  return chain;
}

}  // namespace omninode::registry
