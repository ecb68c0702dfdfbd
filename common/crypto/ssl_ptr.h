#ifndef OMNINODE_COMMON_CRYPTO_SSL_PTR_H_
#define OMNINODE_COMMON_CRYPTO_SSL_PTR_H_

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

// Ownership of OpenSSL objects. Private to this folder.
namespace omninode::crypto {

template <auto kFree>
struct SslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using EvpKeyPtr = std::unique_ptr<EVP_PKEY, SslFree<EVP_PKEY_free>>;
using EvpKeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, SslFree<EVP_PKEY_CTX_free>>;
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, SslFree<EVP_MD_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, SslFree<X509_free>>;

// Removes the errors that OpenSSL queues during its life. A forgotten error of ours would be taken
// for one of gRPC's own connections on the same thread.
class ErrorMark final {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_SSL_PTR_H_
