#ifndef OMNINODE_SERVICES_BOOTSTRAP_STORE_SCHEMA_H_
#define OMNINODE_SERVICES_BOOTSTRAP_STORE_SCHEMA_H_

#include <span>

#include "common/sql/migrator.h"

namespace omninode::bootstrap {

// Times are microseconds since 1970, durations microseconds, digests and DER blobs, serials and key
// ids lower-case hex.
std::span<const sql::Migration> Migrations();

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_STORE_SCHEMA_H_
