#ifndef OMNINODE_SERVICES_REGISTRY_API_PAGE_TOKENS_H_
#define OMNINODE_SERVICES_REGISTRY_API_PAGE_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>

namespace omninode::registry {

// Page tokens that only their caller can use, for the request they were made for: a MAC under the
// shard's secret over principal, method, what the request asks for, and the cursor. Thread-safe.
class PageTokens final {
 public:
  explicit PageTokens(std::string secret) : secret_(std::move(secret)) {}

  struct Scope {
    std::string_view principal;  // SPIFFE ID
    std::string_view method;
    std::string request;  // everything of the request that pages share
  };

  std::string Seal(const Scope& scope, std::string_view cursor) const;
  // PAGE_TOKEN_INVALID for any other token. An empty token is the empty cursor: the first page.
  absl::StatusOr<std::string> Open(const Scope& scope, std::string_view token) const;

 private:
  std::string Mac(const Scope& scope, std::string_view cursor) const;
  const std::string secret_;
};

inline constexpr std::uint32_t kDefaultPageSize = 100;
inline constexpr std::uint32_t kMaxPageSize = 1000;
// What a request's page_size means.
std::size_t PageSize(std::uint32_t requested);

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_API_PAGE_TOKENS_H_
