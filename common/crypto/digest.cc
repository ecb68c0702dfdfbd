#include "common/crypto/digest.h"

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/crypto/sha256_method.h"
#include "common/crypto/ssl_ptr.h"

namespace omninode::crypto {

// Looking a method up by name takes a lock of the library each time; once per process is enough.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  OMNI_CHECK(method != nullptr);
  return method;
}

struct Sha256Hasher::Context {
  MdContextPtr md{EVP_MD_CTX_new()};
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {
  OMNI_CHECK(EVP_DigestInit_ex2(context_->md.get(), Sha256Method(), nullptr) == 1);
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(std::string_view data) {
  OMNI_CHECK(EVP_DigestUpdate(context_->md.get(), data.data(), data.size()) == 1);
}

Sha256Digest Sha256Hasher::Finish() {
  Sha256Digest digest{};
  OMNI_CHECK(EVP_DigestFinal_ex(context_->md.get(), digest.data(), nullptr) == 1);
  return digest;
}

Sha256Digest Sha256(std::string_view data) {
  Sha256Digest digest{};
  OMNI_CHECK(
      EVP_Digest(data.data(), data.size(), digest.data(), nullptr, Sha256Method(), nullptr) == 1);
  return digest;
}

std::string DigestHex(const Sha256Digest& digest) { return HexEncode(DigestBytes(digest)); }

}  // namespace omninode::crypto
