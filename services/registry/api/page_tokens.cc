#include "services/registry/api/page_tokens.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/crypto/digest.h"
#include "common/crypto/hmac.h"

namespace omninode::registry {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kMaxTokenBytes = 1024;

// Each part with its length, so that no two scopes give the same bytes.
void Append(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

}  // namespace

std::string PageTokens::Mac(const Scope& scope, std::string_view cursor) const {
  std::string message = "omninode-page-v1";
  for (const std::string_view part :
       {scope.principal, scope.method, std::string_view(scope.request), cursor}) {
    Append(message, part);
  }
  const crypto::Sha256Digest mac = crypto::HmacSha256(secret_, message);
  return std::string(crypto::DigestBytes(mac).substr(0, kMacBytes));
}

std::string PageTokens::Seal(const Scope& scope, std::string_view cursor) const {
  return Base64Encode(Mac(scope, cursor) + std::string(cursor));
}

absl::StatusOr<std::string> PageTokens::Open(const Scope& scope, std::string_view token) const {
  if (token.empty()) return std::string();
  if (token.size() <= kMaxTokenBytes) {
    const auto bytes = Base64Decode(token);
    if (bytes.has_value() && bytes->size() >= kMacBytes) {
      std::string cursor = bytes->substr(kMacBytes);
      if (crypto::ConstantTimeEquals(bytes->substr(0, kMacBytes), Mac(scope, cursor))) {
        return cursor;
      }
    }
  }
  return Reject(Reason::kPageTokenInvalid, "page_token: not from an answer to this request");
}

std::size_t PageSize(std::uint32_t requested) {
  return requested == 0 ? kDefaultPageSize : std::min(requested, kMaxPageSize);
}

}  // namespace omninode::registry
