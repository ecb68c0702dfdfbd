#include "common/sql/statement_cache.h"

#include <cstddef>
#include <utility>

#include <sqlite3.h>

#include "common/base/check.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/sql/sqlite_status.h"

namespace omninode::sql::internal {

Prepared::~Prepared() { sqlite3_finalize(handle); }

StatementCache::~StatementCache() {
  // A Statement that outlives its database would use freed memory later; stop here instead.
  OMNI_CHECK(in_use_ == 0);
}

absl::StatusOr<Prepared*> StatementCache::Take(std::string_view sql) {
  const auto found = statements_.find(sql);
  Prepared* prepared = nullptr;
  if (found != statements_.end() && !found->second->in_use) {
    prepared = found->second.get();
  } else {
    OMNI_ASSIGN_OR_RETURN(auto compiled, Compile(sql));
    if (found == statements_.end() && MakeRoom()) {
      compiled->cached = true;
      prepared = statements_.emplace(sql, std::move(compiled)).first->second.get();
    } else {
      prepared = compiled.release();
    }
  }
  prepared->in_use = true;
  prepared->used_at = ++uses_;
  ++in_use_;
  return prepared;
}

void StatementCache::GiveBack(Prepared* prepared) {
  --in_use_;
  if (!prepared->cached) {
    delete prepared;
    return;
  }
  sqlite3_reset(prepared->handle);
  sqlite3_clear_bindings(prepared->handle);
  prepared->in_use = false;
}

absl::StatusOr<std::unique_ptr<Prepared>> StatementCache::Compile(std::string_view sql) const {
  sqlite3_stmt* compiled = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &compiled, &rest);
  if (code != SQLITE_OK) {
    return Annotate(ToStatus(code, sqlite3_errmsg(handle_)), sql);
  }
  auto prepared = std::make_unique<Prepared>(compiled);
  const auto used = static_cast<std::size_t>(rest - sql.data());
  if (compiled == nullptr || !Trim(sql.substr(used)).empty()) {
    return Error(absl::StatusCode::kInternal, "{}: not exactly one statement", sql);
  }
  return prepared;
}

// False when the cache is full of statements in use.
bool StatementCache::MakeRoom() {
  if (statements_.size() < kMaxStatements) return true;
  auto oldest = statements_.end();
  for (auto it = statements_.begin(); it != statements_.end(); ++it) {
    if (it->second->in_use) continue;
    if (oldest == statements_.end() || it->second->used_at < oldest->second->used_at) oldest = it;
  }
  if (oldest == statements_.end()) return false;
  statements_.erase(oldest);
  return true;
}

}  // namespace omninode::sql::internal
