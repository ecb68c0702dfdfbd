#include "services/registry/store/certificate_rows.h"

#include <string>

#include <gtest/gtest.h>

#include "common/sql/migrator.h"
#include "services/registry/store/sqlite_schema.h"

namespace omninode::registry {
namespace {

CertificateChain Chain(const std::string& name) { return {crypto::Sha256(name), {name, "ca"}}; }

class CertificateRowsTest : public ::testing::Test {
 protected:
  CertificateRowsTest() : database_(sql::Database::Open(":memory:").value()), rows_(database_) {
    EXPECT_TRUE(sql::Migrate(database_, SqliteMigrations(), absl::UnixEpoch()).ok());
  }
  bool Has(const std::string& name) { return rows_.Find(crypto::Sha256(name)).ok(); }

  sql::Database database_;
  CertificateRows rows_;
};

TEST_F(CertificateRowsTest, GivesBackWhatWasStored) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  const auto found = rows_.Find(crypto::Sha256("a"));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->der, Chain("a").der);
  EXPECT_EQ((*found)->leaf_fingerprint, crypto::Sha256("a"));
  EXPECT_EQ(rows_.Find(crypto::Sha256("b")).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(CertificateRowsTest, WhatANodeUsesStays) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.DeleteIdle(1'000).ok());
  EXPECT_TRUE(Has("a"));
}

TEST_F(CertificateRowsTest, WhatTheLogMayUseStaysUntilThatIsDropped) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.Retire(Chain("a"), 7).ok());
  ASSERT_TRUE(rows_.DeleteIdle(6).ok());
  EXPECT_TRUE(Has("a"));
  ASSERT_TRUE(rows_.DeleteIdle(7).ok());
  EXPECT_FALSE(Has("a"));
}

TEST_F(CertificateRowsTest, GoesWithTheLastOfItsUsers) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.Retire(Chain("a"), 3).ok());
  ASSERT_TRUE(rows_.DeleteIdle(3).ok());
  EXPECT_TRUE(Has("a"));
  ASSERT_TRUE(rows_.Retire(Chain("a"), 5).ok());
  ASSERT_TRUE(rows_.DeleteIdle(4).ok());
  EXPECT_TRUE(Has("a"));
  ASSERT_TRUE(rows_.DeleteIdle(5).ok());
  EXPECT_FALSE(Has("a"));
}

TEST_F(CertificateRowsTest, MayBeUsedAgain) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.Retire(Chain("a"), 3).ok());
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.DeleteIdle(1'000).ok());
  EXPECT_TRUE(Has("a"));
}

TEST_F(CertificateRowsTest, RetiringWhatNobodyUsesIsAFaultOfOurs) {
  EXPECT_EQ(rows_.Retire(Chain("a"), 1).code(), absl::StatusCode::kInternal);
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ASSERT_TRUE(rows_.Retire(Chain("a"), 1).ok());
  EXPECT_EQ(rows_.Retire(Chain("a"), 2).code(), absl::StatusCode::kInternal);
}

TEST_F(CertificateRowsTest, TheCacheGivesTheSameChainToAll) {
  ASSERT_TRUE(rows_.Adopt(Chain("a")).ok());
  ChainCache cache(database_);
  const auto first = cache(crypto::Sha256("a"));
  const auto second = cache(crypto::Sha256("a"));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ(cache(crypto::Sha256("b")).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace omninode::registry
