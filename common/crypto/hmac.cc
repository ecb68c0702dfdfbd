#include "common/crypto/hmac.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>

#include "common/base/check.h"

namespace omninode::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256

}  // namespace

// Written out over the digest: the library's MAC interface is slower by several look-ups and
// allocations, and every beat of every node passes here.
Sha256Digest HmacSha256(std::string_view key, std::string_view data) {
  std::array<char, kBlockBytes> pad{};
  if (key.size() > kBlockBytes) {
    Sha256Digest shortened = Sha256(key);
    std::copy(shortened.begin(), shortened.end(), pad.begin());
    OPENSSL_cleanse(shortened.data(), shortened.size());
  } else {
    std::copy(key.begin(), key.end(), pad.begin());
  }
  for (char& byte : pad) byte = static_cast<char>(byte ^ 0x36);
  Sha256Hasher inner;
  inner.Update({pad.data(), pad.size()});
  inner.Update(data);
  const Sha256Digest inner_digest = inner.Finish();
  for (char& byte : pad) byte = static_cast<char>(byte ^ 0x36 ^ 0x5c);
  Sha256Hasher outer;
  outer.Update({pad.data(), pad.size()});
  outer.Update(DigestBytes(inner_digest));
  OPENSSL_cleanse(pad.data(), pad.size());
  return outer.Finish();
}

std::string HkdfSha256(std::string_view secret, std::string_view salt, std::string_view info,
                       std::size_t length) {
  OMNI_CHECK(length <= kMaxHkdfOutput);
  Sha256Digest pseudo_random_key = HmacSha256(salt, secret);
  std::string output;
  Sha256Digest block{};
  for (std::uint8_t counter = 1; output.size() < length; ++counter) {
    std::string input;
    if (counter > 1) input.append(DigestBytes(block));
    input.append(info);
    input.push_back(static_cast<char>(counter));
    block = HmacSha256(DigestBytes(pseudo_random_key), input);
    output.append(DigestBytes(block).substr(0, length - output.size()));
  }
  OPENSSL_cleanse(pseudo_random_key.data(), pseudo_random_key.size());
  OPENSSL_cleanse(block.data(), block.size());
  return output;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace omninode::crypto
