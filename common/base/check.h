#ifndef OMNINODE_COMMON_BASE_CHECK_H_
#define OMNINODE_COMMON_BASE_CHECK_H_

namespace omninode::internal {
// Prints one line to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression);
}  // namespace omninode::internal

// For states that the program's own logic excludes, in every build. Never for input: input gets a
// Status. The process stops, because going on would act on something known to be wrong.
#define OMNI_CHECK(condition)                                            \
  do {                                                                   \
    if (!(condition)) [[unlikely]]                                       \
      ::omninode::internal::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)

#endif  // OMNINODE_COMMON_BASE_CHECK_H_
