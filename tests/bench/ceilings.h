#ifndef OMNINODE_TESTS_BENCH_CEILINGS_H_
#define OMNINODE_TESTS_BENCH_CEILINGS_H_

#include <cstddef>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/key.h"

// How fast this machine could be if it did nothing but the part that cannot be left out. Measured
// in the same run as the figure that is compared with it, because machines and their neighbours
// differ.
namespace omninode::bench {

// One verification of a signature over `message`, by the library and the way of the registry's
// admission, repeated on this thread for `length`.
absl::StatusOr<absl::Duration> VerifyTime(const crypto::PrivateKey& key, std::string_view message,
                                          absl::Duration length);

// One thread sends `messages` times `bytes` through a plain TCP connection on loopback and reads
// each back: the median of `rounds` rounds.
absl::StatusOr<absl::Duration> LoopbackTime(std::size_t messages, std::size_t bytes, int rounds);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_CEILINGS_H_
