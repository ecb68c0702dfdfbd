#ifndef OMNINODE_COMMON_CRYPTO_DIGEST_H_
#define OMNINODE_COMMON_CRYPTO_DIGEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace omninode::crypto {

// SHA-256 (FIPS 180-4).
using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest Sha256(std::string_view data);

// SHA-256 over pieces. Movable; not thread-safe. Finish ends the computation; nothing but
// destruction or assignment is allowed afterwards.
class Sha256Hasher final {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(std::string_view data);
  Sha256Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The digest's 32 bytes as text, and in lower-case hexadecimal.
inline std::string_view DigestBytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
std::string DigestHex(const Sha256Digest& digest);

// For hash maps keyed by a digest: its bits are already evenly spread.
struct DigestHash {
  std::size_t operator()(const Sha256Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof(hash));
    return hash;
  }
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_DIGEST_H_
