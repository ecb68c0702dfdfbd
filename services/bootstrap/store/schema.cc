#include "services/bootstrap/store/schema.h"

#include <array>

namespace omninode::bootstrap {
namespace {

constexpr sql::Migration kInitial = {1, "bootstrap_initial", R"sql(
CREATE TABLE network (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  network_id TEXT NOT NULL,
  trust_domain TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
  entry_id TEXT PRIMARY KEY,
  pattern TEXT NOT NULL UNIQUE,
  svid_ttl INTEGER NOT NULL,
  dns_names TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE join_tokens (
  token_id TEXT PRIMARY KEY,
  public_key BLOB NOT NULL,
  spiffe_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  used_at INTEGER,
  used_key BLOB,
  used_serial TEXT
) STRICT;
CREATE INDEX join_tokens_by_end ON join_tokens (expires_at);

CREATE TABLE svids (
  serial TEXT PRIMARY KEY,
  spiffe_id TEXT NOT NULL,
  key_fingerprint BLOB NOT NULL,
  not_before INTEGER NOT NULL,
  not_after INTEGER NOT NULL,
  authority_key_id TEXT NOT NULL,
  path INTEGER NOT NULL,
  actor TEXT NOT NULL,
  leaf BLOB NOT NULL
) STRICT;
CREATE INDEX svids_by_key ON svids (key_fingerprint);
CREATE INDEX svids_by_end ON svids (not_after);

CREATE TABLE trust (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,
  published BLOB NOT NULL
) STRICT;

CREATE TABLE revocations (
  authority_key_id TEXT NOT NULL,
  serial TEXT NOT NULL,
  spiffe_id TEXT NOT NULL,
  revoked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  reason_text TEXT NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (authority_key_id, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE bans (
  spiffe_id TEXT PRIMARY KEY,
  banned_at INTEGER NOT NULL,
  lifted_at INTEGER,
  reason_text TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql"};

constexpr std::array kMigrations = {kInitial};

}  // namespace

std::span<const sql::Migration> Migrations() { return kMigrations; }

}  // namespace omninode::bootstrap
