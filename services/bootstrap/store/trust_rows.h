#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_TRUST_ROWS_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_TRUST_ROWS_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/identity/revocations.h"
#include "common/identity/spiffe_id.h"
#include "common/sql/database.h"
#include "services/bootstrap/trust/trust_records.h"

// Tables `trust`, `revocations` and `bans`; errors as BootstrapStore has them, or those of
// common/sql.
namespace omninode::bootstrap {

absl::StatusOr<TrustRecords> ReadTrust(sql::Database& database);
// STORE_UNAVAILABLE when the stored sequence is not the one before the change's.
absl::Status WriteTrust(sql::Database& database, const TrustChange& change);

absl::Status CheckNotRevoked(sql::Database& database,
                             const identity::RevokedCertificate& certificate);
// IDENTITY_BANNED for a certificate of `id` that begins at `not_before`.
absl::Status CheckNotBanned(sql::Database& database, const identity::SpiffeId& id,
                            absl::Time not_before);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_TRUST_ROWS_H_
