#include "common/crypto/chain.h"

#include <algorithm>
#include <memory>

#include <openssl/x509_vfy.h>

#include "common/base/check.h"
#include "common/base/reason.h"
#include "common/crypto/certificate_rep.h"
#include "common/crypto/ssl_ptr.h"

namespace omninode::crypto {
namespace {

// 112 bits of security: no SHA-1, no RSA below 2048 anywhere in the path.
constexpr int kSecurityLevel = 2;

struct FreeBorrowedStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using BorrowedStackPtr = std::unique_ptr<STACK_OF(X509), FreeBorrowedStack>;
using StorePtr = std::unique_ptr<X509_STORE, SslFree<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, SslFree<X509_STORE_CTX_free>>;

// Certificates in the library's form, and a stack that borrows them.
struct Decoded {
  std::vector<X509Ptr> owned;
  BorrowedStackPtr stack;
};

Decoded Decode(std::span<const Certificate> certificates) {
  Decoded decoded{{}, BorrowedStackPtr(sk_X509_new_null())};
  OMNI_CHECK(decoded.stack != nullptr);
  for (const Certificate& certificate : certificates) {
    decoded.owned.push_back(CertificateAccess::X509Of(certificate));
    OMNI_CHECK(sk_X509_push(decoded.stack.get(), decoded.owned.back().get()) > 0);
  }
  return decoded;
}

Reason ReasonFor(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Reason::kCertExpired;
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
      return Reason::kCertProfile;
    default:
      return Reason::kCertUntrusted;
  }
}

bool IsInPath(X509_STORE_CTX* context, const X509* certificate) {
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(path); ++i) {
    if (sk_X509_value(path, i) == certificate) return true;
  }
  return false;
}

// The earliest end of those certificates that the path goes through, `end` at the latest.
absl::Time EndOfPath(X509_STORE_CTX* context, std::span<const Certificate> certificates,
                     const Decoded& decoded, absl::Time end) {
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    if (IsInPath(context, decoded.owned[i].get())) end = std::min(end, certificates[i].not_after());
  }
  return end;
}

}  // namespace

absl::StatusOr<absl::Time> VerifyChain(const Certificate& leaf,
                                       std::span<const Certificate> intermediates,
                                       std::span<const Certificate> roots, absl::Time now) {
  if (intermediates.size() + 1 > kMaxChain) {
    return Reject(Reason::kCertProfile, "chain of {} certificates, at most {} are allowed",
                  intermediates.size() + 1, kMaxChain);
  }
  const ErrorMark mark;
  const X509Ptr decoded_leaf = CertificateAccess::X509Of(leaf);
  const Decoded untrusted = Decode(intermediates);
  const Decoded trusted = Decode(roots);
  const StorePtr no_store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  OMNI_CHECK(no_store != nullptr && context != nullptr);
  OMNI_CHECK(X509_STORE_CTX_init(context.get(), no_store.get(), decoded_leaf.get(),
                                 untrusted.stack.get()) == 1);
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted.stack.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(kMaxChain) - 1);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(now));
  if (X509_verify_cert(context.get()) == 1) {
    const absl::Time end = EndOfPath(context.get(), intermediates, untrusted, leaf.not_after());
    return EndOfPath(context.get(), roots, trusted, end);
  }
  const int error = X509_STORE_CTX_get_error(context.get());
  return Reject(ReasonFor(error), "certificate chain, depth {}: {}",
                X509_STORE_CTX_get_error_depth(context.get()),
                X509_verify_cert_error_string(error));
}

}  // namespace omninode::crypto
