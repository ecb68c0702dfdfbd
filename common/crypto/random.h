#ifndef OMNINODE_COMMON_CRYPTO_RANDOM_H_
#define OMNINODE_COMMON_CRYPTO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

// Unpredictable values from the operating system's generator. Thread-safe. The process stops when
// the system has no randomness: nothing that needs it could go on safely.
namespace omninode::crypto {

std::string RandomBytes(std::size_t count);
std::uint64_t RandomUint64();
std::string RandomUuid();  // version 4 (RFC 9562): "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_RANDOM_H_
