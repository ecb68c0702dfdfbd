#ifndef OMNINODE_COMMON_CRYPTO_CHAIN_H_
#define OMNINODE_COMMON_CRYPTO_CHAIN_H_

#include <cstddef>
#include <span>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"

namespace omninode::crypto {

// Certificates a peer may present: the leaf and its intermediates.
inline constexpr std::size_t kMaxChain = 4;

// RFC 5280 path validation from `leaf` over `intermediates` to one of `roots`, at `now`. Only
// `roots` are trusted, never a store of the system; a root need not be self-signed. A certificate
// is valid while not_before <= now < not_after. Gives the end of the path's validity: the earliest
// not_after in it. Thread-safe; pure. Fails with
//   CERT_UNTRUSTED  no path, or a signature in it is wrong or too weak;
//   CERT_EXPIRED    a certificate of the path is expired or not yet valid;
//   CERT_PROFILE    longer than kMaxChain, a name constraint is violated, an unknown critical
//                   extension.
absl::StatusOr<absl::Time> VerifyChain(const Certificate& leaf,
                                       std::span<const Certificate> intermediates,
                                       std::span<const Certificate> roots, absl::Time now);

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_CHAIN_H_
