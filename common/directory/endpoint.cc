#include "common/directory/endpoint.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <arpa/inet.h>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/text.h"

namespace omninode::directory {
namespace {

constexpr std::string_view kAuthorityMark = "://";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z') || IsDigit(c); }

// unreserved, reserved and '%' of RFC 3986: in particular no blank, quote, backslash or brace.
bool IsUrlCharacter(char c) {
  constexpr std::string_view kPunctuation = "-._~:/?#[]@!$&'()*+,;=%";
  return IsAlnum(c) || kPunctuation.find(c) != std::string_view::npos;
}

bool IsScheme(std::string_view text) {
  return !text.empty() && IsLower(text.front()) && std::ranges::all_of(text, [](char c) {
    return IsLower(c) || IsDigit(c) || c == '+' || c == '.' || c == '-';
  });
}

// The parts that every caller needs, found without judging them.
struct UrlParts {
  std::string_view scheme;
  std::string_view authority;
  std::string_view host;                 // without brackets
  std::optional<std::string_view> port;  // digits after the colon
  bool bracketed = false;
};

std::optional<UrlParts> SplitUrl(std::string_view url) {
  const auto mark = url.find(kAuthorityMark);
  if (mark == std::string_view::npos) return std::nullopt;
  UrlParts parts{.scheme = url.substr(0, mark)};
  const std::string_view rest = url.substr(mark + kAuthorityMark.size());
  parts.authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view after_host;
  if (parts.authority.starts_with('[')) {
    const auto close = parts.authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parts.bracketed = true;
    parts.host = parts.authority.substr(1, close - 1);
    after_host = parts.authority.substr(close + 1);
  } else {
    parts.host = parts.authority.substr(0, parts.authority.find(':'));
    after_host = parts.authority.substr(parts.host.size());
  }
  if (after_host.empty()) return parts;
  if (after_host.front() != ':') return std::nullopt;
  parts.port = after_host.substr(1);
  return parts;
}

bool IsHost(const UrlParts& parts) {
  if (parts.bracketed) {
    in6_addr address;
    return inet_pton(AF_INET6, std::string(parts.host).c_str(), &address) == 1;
  }
  return !parts.host.empty() && std::ranges::all_of(parts.host, [](char c) {
    return IsAlnum(c) || c == '.' || c == '-' || c == '_';
  });
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  const auto port = ParseUint64(text);
  if (!port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

absl::Status CheckUrl(std::string_view url) {
  const auto reject = [&](std::string_view why) {
    // A text with an @ is not repeated: what stands before it may be a password.
    const bool shown = url.find('@') == std::string_view::npos;
    return Reject(Reason::kArgumentInvalid, "URL '{}' {}",
                  shown ? EscapeForDisplay(url, 64) : "(hidden)", why);
  };
  if (url.size() > Endpoint::kMaxUrlBytes) {
    return Reject(Reason::kArgumentInvalid, "URL has {} bytes, at most {} are allowed", url.size(),
                  Endpoint::kMaxUrlBytes);
  }
  if (!std::ranges::all_of(url, IsUrlCharacter)) {
    return reject("contains a character that URLs may not contain");
  }
  const auto parts = SplitUrl(url);
  if (!parts) return reject("is not of the form scheme://host[:port][/path]");
  if (!IsScheme(parts->scheme)) return reject("has no valid scheme");
  if (parts->authority.find('@') != std::string_view::npos) {
    return reject("contains user information");
  }
  if (!IsHost(*parts)) return reject("has no valid host");
  if (parts->port && !ParsePort(*parts->port)) return reject("has a port outside 1..65535");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Create(AttributeName name, std::string url) {
  if (absl::Status valid = CheckUrl(url); !valid.ok()) return valid;
  return Endpoint(std::move(name), std::move(url));
}

std::string_view Endpoint::scheme() const { return SplitUrl(url_)->scheme; }
std::string_view Endpoint::host() const { return SplitUrl(url_)->host; }

std::optional<std::uint16_t> Endpoint::port() const {
  const auto parts = SplitUrl(url_);
  return parts->port ? ParsePort(*parts->port) : std::nullopt;
}

}  // namespace omninode::directory
