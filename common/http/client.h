#ifndef OMNINODE_COMMON_HTTP_CLIENT_H_
#define OMNINODE_COMMON_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/http/response.h"

namespace omninode::http {

inline constexpr std::size_t kMaxResponseBytes = 8 * 1024 * 1024;

// GET http://host:port/target. Any HTTP status is a Response; redirects are not followed. Blocks
// for at most `timeout`, not counting the system's name lookup when `host` is a name.
// Errors: UNAVAILABLE (no such host, refused, connection lost), DEADLINE_EXCEEDED,
// RESOURCE_EXHAUSTED (body above kMaxResponseBytes), INTERNAL (the answer is not HTTP).
absl::StatusOr<Response> Get(const std::string& host, std::uint16_t port, std::string_view target,
                             absl::Duration timeout);

}  // namespace omninode::http

#endif  // OMNINODE_COMMON_HTTP_CLIENT_H_
