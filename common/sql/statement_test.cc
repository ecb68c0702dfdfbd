#include "common/sql/statement.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/sql/database.h"

namespace omninode::sql {
namespace {

class StatementTest : public testing::Test {
 protected:
  StatementTest() : database_(*Database::Open(":memory:")) {
    EXPECT_TRUE(database_.Exec("CREATE TABLE t (k INTEGER PRIMARY KEY, v ANY) STRICT").ok());
  }

  Statement Prepare(std::string_view sql) {
    auto statement = database_.Prepare(sql);
    EXPECT_TRUE(statement.ok()) << statement.status();
    return *std::move(statement);
  }
  // A statement that stands on the row with `k`.
  Statement Row(std::int64_t k) {
    Statement select = Prepare("SELECT v FROM t WHERE k = ?");
    select.BindInt64(1, k);
    const auto row = select.Step();
    EXPECT_TRUE(row.ok() && *row) << row.status();
    return select;
  }
  template <typename Bind>
  void Insert(std::int64_t k, Bind bind) {
    Statement insert = Prepare("INSERT INTO t VALUES (?, ?)");
    insert.BindInt64(1, k);
    bind(insert);
    const absl::Status status = insert.Execute();
    EXPECT_TRUE(status.ok()) << status;
  }

  Database database_;
};

TEST_F(StatementTest, KeepsSignedNumbersToTheirLimits) {
  const std::vector<std::int64_t> values = {0, -1, std::numeric_limits<std::int64_t>::min(),
                                            std::numeric_limits<std::int64_t>::max()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto k = static_cast<std::int64_t>(i);
    Insert(k, [&](Statement& s) { s.BindInt64(2, values[i]); });
    EXPECT_EQ(Row(k).Int64(0), values[i]);
  }
}

TEST_F(StatementTest, KeepsUnsignedNumbersToTheirLimits) {
  const std::vector<std::uint64_t> values = {0, 1, 1ULL << 63, ~0ULL};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto k = static_cast<std::int64_t>(i);
    Insert(k, [&](Statement& s) { s.BindUint64(2, values[i]); });
    EXPECT_EQ(Row(k).Uint64(0), values[i]);
  }
}

TEST_F(StatementTest, StoresUnsignedNumbersFromTwoToThe63AsNegativeOnes) {
  Insert(1, [](Statement& s) { s.BindUint64(2, ~0ULL); });
  EXPECT_EQ(Row(1).Int64(0), -1);
}

TEST_F(StatementTest, KeepsAllBytesOfABlob) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  Insert(1, [&](Statement& s) { s.BindBlob(2, bytes); });
  EXPECT_EQ(Row(1).Blob(0), bytes);
}

TEST_F(StatementTest, KeepsTextWithQuotesAndMetacharactersVerbatim) {
  const std::string text = "'; DROP TABLE t; -- %_\\ \xc3\xa4";
  Insert(1, [&](Statement& s) { s.BindText(2, text); });
  EXPECT_EQ(Row(1).Text(0), text);
}

TEST_F(StatementTest, TellsEmptyFromNull) {
  Insert(1, [](Statement& s) { s.BindBlob(2, std::string_view()); });
  Insert(2, [](Statement& s) { s.BindText(2, std::string_view()); });
  Insert(3, [](Statement& s) { s.BindNull(2); });
  Statement blob = Row(1);
  EXPECT_FALSE(blob.IsNull(0));
  EXPECT_EQ(blob.Blob(0), "");
  EXPECT_TRUE(blob.status().ok());
  Statement text = Row(2);
  EXPECT_FALSE(text.IsNull(0));
  EXPECT_EQ(text.Text(0), "");
  EXPECT_TRUE(text.status().ok());
  EXPECT_TRUE(Row(3).IsNull(0));
}

TEST_F(StatementTest, RefusesATemporaryStringAtCompileTime) {
  const auto binds = []<typename T>(std::type_identity<T>) {
    return requires(Statement & s, T && value) { s.BindText(1, std::forward<T>(value)); };
  };
  static_assert(!binds(std::type_identity<std::string>()));
  static_assert(binds(std::type_identity<std::string&>()));
  static_assert(binds(std::type_identity<const std::string&>()));
  static_assert(binds(std::type_identity<std::string_view>()));
  static_assert(binds(std::type_identity<const char(&)[4]>()));
}

TEST_F(StatementTest, RemembersAColumnOfAnotherType) {
  Insert(1, [](Statement& s) { s.BindText(2, "seven"); });
  Statement row = Row(1);
  EXPECT_EQ(row.Int64(0), 0);
  EXPECT_EQ(row.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(row.Step().status(), row.status());
  row.Reset();
  EXPECT_TRUE(row.status().ok());
}

TEST_F(StatementTest, RemembersANullWhereAValueWasExpected) {
  Insert(1, [](Statement& s) { s.BindNull(2); });
  Statement row = Row(1);
  EXPECT_EQ(row.Blob(0), "");
  EXPECT_EQ(row.status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(StatementTest, RemembersAColumnThatDoesNotExist) {
  Insert(1, [](Statement& s) { s.BindInt64(2, 5); });
  Statement row = Row(1);
  EXPECT_EQ(row.Int64(1), 0);
  EXPECT_FALSE(row.status().ok());
}

TEST_F(StatementTest, ExecutesNothingAfterABindThatFailed) {
  Statement insert = Prepare("INSERT INTO t VALUES (?, 1)");
  insert.BindInt64(1, 1);
  insert.BindInt64(2, 1);  // there is no second parameter
  EXPECT_EQ(insert.Execute().code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(*Prepare("SELECT * FROM t").Step());
  insert.BindInt64(1, 1);
  EXPECT_TRUE(insert.Execute().ok());  // Execute has reset what was remembered
}

TEST_F(StatementTest, IsReadyForTheNextRowAfterExecute) {
  Statement insert = Prepare("INSERT INTO t VALUES (?, ?)");
  for (std::int64_t k = 0; k < 3; ++k) {
    insert.BindInt64(1, k);
    if (k == 1) insert.BindInt64(2, 7);  // the others get NULL, not the value of the row before
    ASSERT_TRUE(insert.Execute().ok());
  }
  EXPECT_TRUE(Row(0).IsNull(0));
  EXPECT_EQ(Row(1).Int64(0), 7);
  EXPECT_TRUE(Row(2).IsNull(0));
}

TEST_F(StatementTest, StaysDoneUntilReset) {
  Insert(1, [](Statement& s) { s.BindInt64(2, 5); });
  Statement select = Prepare("SELECT v FROM t");
  EXPECT_TRUE(*select.Step());
  EXPECT_FALSE(*select.Step());
  EXPECT_FALSE(*select.Step());
  select.Reset();
  EXPECT_TRUE(*select.Step());
}

TEST_F(StatementTest, IsUsableAgainAfterAFailure) {
  Insert(1, [](Statement& s) { s.BindInt64(2, 5); });
  Statement insert = Prepare("INSERT INTO t VALUES (?, 1)");
  insert.BindInt64(1, 1);
  EXPECT_EQ(insert.Execute().code(), absl::StatusCode::kAlreadyExists);
  insert.BindInt64(1, 2);
  EXPECT_TRUE(insert.Execute().ok());
}

TEST_F(StatementTest, ReturnsTheRowOfAFencedUpdate) {
  Insert(1, [](Statement& s) { s.BindInt64(2, 41); });
  Statement fence = Prepare("UPDATE t SET v = v + 1 WHERE k = ? RETURNING v");
  fence.BindInt64(1, 1);
  ASSERT_TRUE(*fence.Step());
  EXPECT_EQ(fence.Int64(0), 42);
  fence.Reset();
  fence.BindInt64(1, 2);
  EXPECT_FALSE(*fence.Step());
}

TEST_F(StatementTest, ReadsTwoCursorsOfOneTextAtATime) {
  for (std::int64_t k = 1; k <= 2; ++k) Insert(k, [&](Statement& s) { s.BindInt64(2, k * 10); });
  Statement outer = Prepare("SELECT v FROM t ORDER BY k");
  ASSERT_TRUE(*outer.Step());
  {
    Statement inner = Prepare("SELECT v FROM t ORDER BY k");
    ASSERT_TRUE(*inner.Step());
    ASSERT_TRUE(*inner.Step());
    EXPECT_EQ(inner.Int64(0), 20);
  }
  EXPECT_EQ(outer.Int64(0), 10);
  ASSERT_TRUE(*outer.Step());
  EXPECT_EQ(outer.Int64(0), 20);
}

TEST_F(StatementTest, CarriesItsRowThroughAMove) {
  Insert(1, [](Statement& s) { s.BindInt64(2, 5); });
  Statement first = Row(1);
  Statement second = std::move(first);
  EXPECT_EQ(second.Int64(0), 5);
  EXPECT_FALSE(*second.Step());
}

}  // namespace
}  // namespace omninode::sql
