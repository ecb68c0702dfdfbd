#ifndef OMNINODE_COMMON_SQL_STATEMENT_CACHE_H_
#define OMNINODE_COMMON_SQL_STATEMENT_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include <absl/status/statusor.h>

struct sqlite3;
struct sqlite3_stmt;

namespace omninode::sql::internal {

// A compiled statement and who has it.
struct Prepared {
  explicit Prepared(sqlite3_stmt* compiled) : handle(compiled) {}
  ~Prepared();
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  sqlite3_stmt* const handle;
  bool cached = false;
  bool in_use = false;
  std::uint64_t used_at = 0;
};

// Compiled statements by their text, at most kMaxStatements; a new one replaces the one that was
// not used for the longest time. A text that is asked for while its statement is in use is
// compiled once more and forgotten afterwards. Not thread-safe; destroyed before the handle.
class StatementCache final {
 public:
  static constexpr std::size_t kMaxStatements = 64;

  explicit StatementCache(sqlite3* handle) : handle_(handle) {}
  ~StatementCache();
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  // The caller has the statement alone until GiveBack. Fails for SQL that does not compile and for
  // more than one statement.
  absl::StatusOr<Prepared*> Take(std::string_view sql);
  void GiveBack(Prepared* prepared);

  std::size_t size() const { return statements_.size(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  absl::StatusOr<std::unique_ptr<Prepared>> Compile(std::string_view sql) const;
  bool MakeRoom();

  sqlite3* const handle_;
  std::unordered_map<std::string, std::unique_ptr<Prepared>, TextHash, std::equal_to<>> statements_;
  std::uint64_t uses_ = 0;
  std::size_t in_use_ = 0;
};

}  // namespace omninode::sql::internal

#endif  // OMNINODE_COMMON_SQL_STATEMENT_CACHE_H_
