#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_ROW_VALUES_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_ROW_VALUES_H_

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/identity/spiffe_id.h"
#include "common/sql/statement.h"

// Values as they stand in rows. Reading fails with DATA_LOSS.
namespace omninode::bootstrap {

inline void BindTime(sql::Statement& statement, int position, absl::Time time) {
  statement.BindInt64(position, absl::ToUnixMicros(time));
}
inline absl::Time TimeAt(sql::Statement& statement, int column) {
  return absl::FromUnixMicros(statement.Int64(column));
}

inline absl::Status DamagedRow(std::string_view what, std::string_view why) {
  return Error(absl::StatusCode::kDataLoss, "a stored {} is damaged: {}", what, why);
}

inline absl::StatusOr<crypto::Sha256Digest> DigestAt(sql::Statement& statement, int column) {
  const std::string_view bytes = statement.Blob(column);
  crypto::Sha256Digest digest;
  if (bytes.size() != digest.size()) return DamagedRow("digest", "it has not 32 bytes");
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

inline absl::StatusOr<identity::SpiffeId> SpiffeIdAt(sql::Statement& statement, int column) {
  absl::StatusOr<identity::SpiffeId> id = identity::SpiffeId::Parse(statement.Text(column));
  if (!id.ok()) return DamagedRow("SPIFFE ID", Message(id.status()));
  return id;
}

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_ROW_VALUES_H_
