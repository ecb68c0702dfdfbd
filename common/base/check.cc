#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace omninode::internal {

void CheckFailed(const char* file, int line, const char* expression) {
  std::fprintf(
      stderr,
      "{\"level\":\"fatal\",\"event\":\"check_failed\",\"at\":\"%s:%d\",\"check\":\"%s\"}\n", file,
      line, expression);
  std::abort();
}

}  // namespace omninode::internal
