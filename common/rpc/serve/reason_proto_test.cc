#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "omninode/type/v1/error_reason.pb.h"

namespace omninode::rpc {
namespace {

TEST(ReasonProtoTest, TheApiListsExactlyTheReasonsThereAre) {
  std::set<std::string> in_code;
  for (const ReasonRow& row : ReasonTable()) {
    in_code.insert("ERROR_REASON_" + std::string(row.name));
  }
  std::set<std::string> in_api;
  const auto* descriptor = type::v1::ErrorReason_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) in_api.insert(descriptor->value(i)->name());
  in_api.erase("ERROR_REASON_UNSPECIFIED");
  EXPECT_EQ(in_code, in_api);
}

}  // namespace
}  // namespace omninode::rpc
