#include "common/crypto/wipe.h"

#include <openssl/crypto.h>

namespace omninode::crypto {

void Wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace omninode::crypto
