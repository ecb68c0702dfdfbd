#include "services/registry/store/sqlite_schema.h"

#include <array>

namespace omninode::registry {
namespace {

// Times and durations are nanoseconds, `not_before` seconds; health and reason are the numbers of
// the API; an actor or submitter that is NULL is the signer. `seq` and `term` tell which commit
// wrote the row. Large values stand last, so that reading the rest does not touch their pages.
constexpr std::string_view kTables = R"sql(
CREATE TABLE shards(
  shard       INTEGER PRIMARY KEY,
  holder      TEXT NOT NULL,
  acquired_at INTEGER NOT NULL,
  lease_until INTEGER,              -- NULL: the file's lock is the lease
  term        INTEGER NOT NULL,
  seq         INTEGER NOT NULL,     -- groups committed
  secret      BLOB NOT NULL
) STRICT;

CREATE TABLE namespaces(
  name        TEXT PRIMARY KEY,
  incarnation INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  default_ttl INTEGER NOT NULL,
  min_ttl     INTEGER NOT NULL,
  max_ttl     INTEGER NOT NULL,
  max_nodes   INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  seq         INTEGER NOT NULL,
  term        INTEGER NOT NULL
) STRICT;

CREATE TABLE nodes(
  namespace        TEXT NOT NULL,
  node_id          TEXT NOT NULL,
  incarnation      INTEGER NOT NULL,
  node_type        TEXT NOT NULL,
  version          INTEGER NOT NULL,
  registered_at    INTEGER NOT NULL,
  health           INTEGER NOT NULL,
  lease_handle     INTEGER NOT NULL,
  ttl              INTEGER NOT NULL,
  actor            TEXT,
  decision         TEXT NOT NULL,
  last_sequence    INTEGER NOT NULL,
  last_digest      BLOB NOT NULL,
  answer_version   INTEGER NOT NULL,
  submitter        TEXT,
  signer           TEXT NOT NULL,
  certificate_key  TEXT NOT NULL,
  not_before       INTEGER NOT NULL,
  leaf_fingerprint BLOB NOT NULL,
  term             INTEGER NOT NULL,
  evidence_seq     INTEGER NOT NULL, -- the group that wrote the row; its log entry has the evidence
  evidence         BLOB,             -- here when that entry is gone
  PRIMARY KEY(namespace, node_id)
) STRICT;

CREATE TABLE certificates(
  fingerprint BLOB PRIMARY KEY,     -- of the leaf
  users       INTEGER NOT NULL,     -- live nodes
  idle_since  INTEGER NOT NULL,     -- the group that took away the last user
  chain       BLOB NOT NULL
) STRICT;
CREATE INDEX certificates_idle ON certificates(idle_since) WHERE users = 0;

CREATE TABLE change_log(
  seq         INTEGER NOT NULL,
  namespace   TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  term        INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  changes     INTEGER NOT NULL,     -- 0: the version did not move
  record      BLOB NOT NULL,        -- omninode.storage.v1.ChangeRecord
  PRIMARY KEY(seq, namespace)
) STRICT;

CREATE TABLE tombstones(
  namespace       TEXT NOT NULL,
  incarnation     INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  node_id         TEXT NOT NULL,
  node_type       TEXT NOT NULL,
  time            INTEGER NOT NULL,
  uptime          INTEGER NOT NULL,
  reason          INTEGER NOT NULL,
  reason_text     TEXT NOT NULL,
  actor           TEXT,
  decision        TEXT NOT NULL,
  final_health    INTEGER NOT NULL,
  last_sequence   INTEGER NOT NULL,
  last_digest     BLOB NOT NULL,
  answer_version  INTEGER NOT NULL,
  submitter       TEXT,
  signer          TEXT NOT NULL,
  certificate_key TEXT NOT NULL,
  not_before      INTEGER NOT NULL,
  seq             INTEGER NOT NULL,
  term            INTEGER NOT NULL,
  PRIMARY KEY(namespace, incarnation, version, node_id)
) STRICT;

CREATE TABLE admin_receipts(
  receipt     INTEGER PRIMARY KEY,  -- rises: the order of arrival
  namespace   TEXT NOT NULL,
  principal   TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  digest      BLOB NOT NULL,
  time        INTEGER NOT NULL,
  node_id     TEXT,
  seq         INTEGER NOT NULL,
  term        INTEGER NOT NULL,
  UNIQUE(namespace, principal, request_id)
) STRICT;
)sql";

constexpr std::array kMigrations = {
    sql::Migration{1, "tables", kTables},
};

}  // namespace

std::span<const sql::Migration> SqliteMigrations() { return kMigrations; }

}  // namespace omninode::registry
