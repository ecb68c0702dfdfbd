#include <gtest/gtest.h>

#include "common/crypto/process_config.h"

namespace omninode::rpc {
namespace {

// What main does first in every service. gtest runs it before the first test makes a gRPC object.
class TlsEnvironment final : public testing::Environment {
 public:
  void SetUp() override { crypto::ConfigureTlsProcess(); }
};
const testing::Environment* const kTls = testing::AddGlobalTestEnvironment(new TlsEnvironment);

}  // namespace
}  // namespace omninode::rpc
