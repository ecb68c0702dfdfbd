#ifndef OMNINODE_COMMON_CRYPTO_SHA256_METHOD_H_
#define OMNINODE_COMMON_CRYPTO_SHA256_METHOD_H_

#include <openssl/evp.h>

// Private to this folder.
namespace omninode::crypto {

// The process's constant handle of SHA-256. Thread-safe; never freed.
const EVP_MD* Sha256Method();

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_SHA256_METHOD_H_
