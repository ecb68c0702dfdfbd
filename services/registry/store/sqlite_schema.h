#ifndef OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_SCHEMA_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_SCHEMA_H_

#include <span>

#include "common/sql/migrator.h"

namespace omninode::registry {

// The registry's tables in SQLite, step by step. A step that was released never changes.
std::span<const sql::Migration> SqliteMigrations();

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_SQLITE_SCHEMA_H_
