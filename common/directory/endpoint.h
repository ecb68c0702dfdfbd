#ifndef OMNINODE_COMMON_DIRECTORY_ENDPOINT_H_
#define OMNINODE_COMMON_DIRECTORY_ENDPOINT_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/statusor.h>

#include "common/base/names.h"

namespace omninode::directory {

// Where a node can be reached for one purpose, like `grpc` at `grpcs://10.0.0.7:8443`.
// Immutable; safe to share between threads.
//
// The URL is one that every parser reads alike (RFC 3986, narrowed): scheme
// `[a-z][a-z0-9+.-]*`, `://`, a host of letters, digits, `.`, `-`, `_` or an address in brackets,
// an optional port 1..65535, then only characters that RFC 3986 allows. No user information: what
// looks like a host there is none, and what is one may be a secret. The text is kept as given.
class Endpoint final {
 public:
  static constexpr std::size_t kMaxUrlBytes = 1024;

  // ARGUMENT_INVALID when the URL breaks a rule above.
  static absl::StatusOr<Endpoint> Create(AttributeName name, std::string url);

  const AttributeName& name() const { return name_; }
  const std::string& url() const { return url_; }

  // Parts of the URL, valid as long as the endpoint.
  std::string_view scheme() const;
  std::string_view host() const;  // without brackets
  std::optional<std::uint16_t> port() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

 private:
  Endpoint(AttributeName name, std::string url) : name_(std::move(name)), url_(std::move(url)) {}

  AttributeName name_;
  std::string url_;
};

}  // namespace omninode::directory

#endif  // OMNINODE_COMMON_DIRECTORY_ENDPOINT_H_
