#ifndef OMNINODE_COMMON_CRYPTO_WIPE_H_
#define OMNINODE_COMMON_CRYPTO_WIPE_H_

#include <string>
#include <utility>

namespace omninode::crypto {

// Overwrites the bytes of `secret`, in a way the compiler does not remove, and empties it.
void Wipe(std::string& secret);

// A string that is wiped when it goes out of scope.
class SecretString final {
 public:
  explicit SecretString(std::string value) : value_(std::move(value)) {}
  ~SecretString() { Wipe(value_); }
  SecretString(const SecretString&) = delete;
  SecretString& operator=(const SecretString&) = delete;

  const std::string& value() const { return value_; }

 private:
  std::string value_;
};

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_WIPE_H_
