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

// The elements belong to `certificates`.
BorrowedStackPtr Borrow(std::span<const Certificate> certificates) {
  BorrowedStackPtr stack(sk_X509_new_null());
  OMNI_CHECK(stack != nullptr);
  for (const Certificate& certificate : certificates) {
    OMNI_CHECK(sk_X509_push(stack.get(), CertificateAccess::X509Of(certificate)) > 0);
  }
  return stack;
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

bool IsInPath(X509_STORE_CTX* context, const Certificate& certificate) {
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
  for (int i = 0; i < sk_X509_num(path); ++i) {
    if (sk_X509_value(path, i) == CertificateAccess::X509Of(certificate)) return true;
  }
  return false;
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
  const BorrowedStackPtr untrusted = Borrow(intermediates);
  const BorrowedStackPtr trusted = Borrow(roots);
  const StorePtr no_store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  OMNI_CHECK(no_store != nullptr && context != nullptr);
  OMNI_CHECK(X509_STORE_CTX_init(context.get(), no_store.get(), CertificateAccess::X509Of(leaf),
                                 untrusted.get()) == 1);
  X509_STORE_CTX_set0_trusted_stack(context.get(), trusted.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(kMaxChain) - 1);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(now));
  if (X509_verify_cert(context.get()) == 1) {
    absl::Time end = leaf.not_after();
    for (const auto certificates : {intermediates, roots}) {
      for (const Certificate& certificate : certificates) {
        if (IsInPath(context.get(), certificate)) end = std::min(end, certificate.not_after());
      }
    }
    return end;
  }
  const int error = X509_STORE_CTX_get_error(context.get());
  return Reject(ReasonFor(error), "certificate chain, depth {}: {}",
                X509_STORE_CTX_get_error_depth(context.get()),
                X509_verify_cert_error_string(error));
}

}  // namespace omninode::crypto
