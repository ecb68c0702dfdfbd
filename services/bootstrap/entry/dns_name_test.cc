#include "services/bootstrap/entry/dns_name.h"

#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"

namespace omninode::bootstrap {
namespace {

bool Accepts(std::string_view name) {
  const absl::Status status = CheckDnsName(name);
  if (!status.ok()) {
    EXPECT_EQ(ReasonOf(status), Reason::kArgumentInvalid);
  }
  return status.ok();
}

TEST(DnsNameTest, AcceptsHostNames) {
  for (const char* name : {"localhost", "a", "cache-1.tenant-a.example.org", "1.example", "x--y"}) {
    EXPECT_TRUE(Accepts(name)) << name;
  }
}

TEST(DnsNameTest, RefusesWhatIsNoHostName) {
  for (const char* name : {"", ".", "a..b", ".a", "a.", "-a", "a-", "a.-b", "a b", "a_b", "a/b",
                           "*.example.org", "caf\xc3\xa9.example"}) {
    EXPECT_FALSE(Accepts(name)) << name;
  }
}

TEST(DnsNameTest, RefusesASecondSpellingOfAName) { EXPECT_FALSE(Accepts("Example.org")); }

TEST(DnsNameTest, RefusesWhatReadsAsAnAddress) {
  EXPECT_FALSE(Accepts("127.0.0.1"));
  EXPECT_FALSE(Accepts("12"));
}

TEST(DnsNameTest, BoundsLabelsAndNames) {
  EXPECT_TRUE(Accepts(std::string(kMaxDnsLabelBytes, 'a')));
  EXPECT_FALSE(Accepts(std::string(kMaxDnsLabelBytes + 1, 'a')));

  std::string longest;
  for (int i = 0; i < 3; ++i) longest += std::string(kMaxDnsLabelBytes, 'a') + ".";
  longest += std::string(kMaxDnsNameBytes - longest.size(), 'b');
  ASSERT_EQ(longest.size(), kMaxDnsNameBytes);
  EXPECT_TRUE(Accepts(longest));
  EXPECT_FALSE(Accepts(longest + "b"));
}

TEST(DnsNameTest, RefusesABinaryZero) { EXPECT_FALSE(Accepts(std::string("a\0b", 3))); }

}  // namespace
}  // namespace omninode::bootstrap
