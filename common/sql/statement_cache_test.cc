#include "common/sql/statement_cache.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "common/base/status.h"

namespace omninode::sql::internal {
namespace {

class StatementCacheTest : public testing::Test {
 protected:
  StatementCacheTest() { EXPECT_EQ(sqlite3_open(":memory:", &handle_), SQLITE_OK); }
  ~StatementCacheTest() override {
    cache_.reset();
    EXPECT_EQ(sqlite3_close(handle_), SQLITE_OK);  // fails when a statement leaked
  }

  StatementCache& cache() {
    if (!cache_) cache_.emplace(handle_);
    return *cache_;
  }
  Prepared* Take(std::string_view sql) {
    const auto prepared = cache().Take(sql);
    EXPECT_TRUE(prepared.ok()) << prepared.status();
    return prepared.value_or(nullptr);
  }
  Prepared* UseOnce(std::string_view sql) {
    Prepared* const prepared = Take(sql);
    cache().GiveBack(prepared);
    return prepared;
  }
  static std::string Select(std::size_t i) { return fmt::format("SELECT {}", i); }

  sqlite3* handle_ = nullptr;
  std::optional<StatementCache> cache_;
};

TEST_F(StatementCacheTest, CompilesATextOnce) {
  EXPECT_EQ(UseOnce("SELECT 1"), UseOnce("SELECT 1"));
  EXPECT_NE(UseOnce("SELECT 1"), UseOnce("SELECT 2"));
  EXPECT_EQ(cache().size(), 2U);
}

TEST_F(StatementCacheTest, GivesANestedUserAStatementOfItsOwn) {
  Prepared* const outer = Take("SELECT 1");
  Prepared* const inner = Take("SELECT 1");
  EXPECT_NE(outer, inner);
  EXPECT_EQ(cache().size(), 1U);
  cache().GiveBack(inner);
  cache().GiveBack(outer);
  EXPECT_EQ(UseOnce("SELECT 1"), outer);
}

TEST_F(StatementCacheTest, ForgetsTheParametersOfTheUserBefore) {
  Prepared* const first = Take("SELECT ?");
  sqlite3_bind_int(first->handle, 1, 7);
  cache().GiveBack(first);
  Prepared* const second = Take("SELECT ?");
  ASSERT_EQ(sqlite3_step(second->handle), SQLITE_ROW);
  EXPECT_EQ(sqlite3_column_type(second->handle, 0), SQLITE_NULL);
  cache().GiveBack(second);
}

TEST_F(StatementCacheTest, KeepsTheBoundAndDropsTheLongestUnused) {
  for (std::size_t i = 0; i < StatementCache::kMaxStatements; ++i) UseOnce(Select(i));
  EXPECT_EQ(cache().size(), StatementCache::kMaxStatements);
  Prepared* const kept = UseOnce(Select(0));  // now statement 1 is the oldest

  UseOnce("SELECT 'one more'");
  EXPECT_EQ(cache().size(), StatementCache::kMaxStatements);
  EXPECT_EQ(UseOnce(Select(0)), kept);
}

TEST_F(StatementCacheTest, NeverDropsAStatementInUse) {
  std::vector<Prepared*> held;
  for (std::size_t i = 0; i < StatementCache::kMaxStatements; ++i) held.push_back(Take(Select(i)));
  UseOnce("SELECT 'one more'");
  EXPECT_EQ(cache().size(), StatementCache::kMaxStatements);
  for (Prepared* prepared : held) {
    EXPECT_EQ(sqlite3_step(prepared->handle), SQLITE_ROW);
    cache().GiveBack(prepared);
  }
}

TEST_F(StatementCacheTest, RefusesWhatDoesNotCompile) {
  const auto prepared = cache().Take("SELEKT 1");
  EXPECT_EQ(prepared.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(Message(prepared.status()), testing::HasSubstr("SELEKT"));
}

TEST_F(StatementCacheTest, RefusesMoreAndLessThanOneStatement) {
  EXPECT_FALSE(cache().Take("SELECT 1; SELECT 2").ok());
  EXPECT_FALSE(cache().Take("").ok());
  EXPECT_FALSE(cache().Take("-- nothing").ok());
  EXPECT_TRUE(UseOnce("SELECT 1;\n") != nullptr);
}

TEST(StatementCacheDeathTest, StopsWhenAStatementOutlivesItsDatabase) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        sqlite3* handle = nullptr;
        sqlite3_open(":memory:", &handle);
        StatementCache cache(handle);
        (void)cache.Take("SELECT 1");
      },
      "check_failed");
}

}  // namespace
}  // namespace omninode::sql::internal
