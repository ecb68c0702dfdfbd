#ifndef OMNINODE_COMMON_IDENTITY_SPIFFE_ID_H_
#define OMNINODE_COMMON_IDENTITY_SPIFFE_ID_H_

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

// Names of the SPIFFE-ID standard as values that cannot be invalid. Each name has one spelling, so
// equality of names is equality of bytes. Immutable; safe to share between threads.
namespace omninode::identity {

// Lower-case letters, digits, '.', '-' and '_'; 1 to 255 bytes (SPIFFE-ID 2.1).
class TrustDomain final {
 public:
  static constexpr std::size_t kMaxBytes = 255;

  // Of the bare name, "example.org". Fails with SPIFFE_ID_INVALID.
  static absl::StatusOr<TrustDomain> Parse(std::string_view name);

  const std::string& name() const { return name_; }
  std::string ToId() const { return "spiffe://" + name_; }  // the path-less SPIFFE ID

  friend bool operator==(const TrustDomain&, const TrustDomain&) = default;
  friend auto operator<=>(const TrustDomain&, const TrustDomain&) = default;

 private:
  explicit TrustDomain(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// "spiffe://<trust domain>/<segment>/<segment>": segments of letters, digits, '.', '-' and '_',
// never empty, "." or ".."; at most 2048 bytes (SPIFFE-ID 2). Without path it names a trust domain.
class SpiffeId final {
 public:
  static constexpr std::size_t kMaxBytes = 2048;

  // Fails with SPIFFE_ID_INVALID on everything else: other or upper-case scheme, upper-case trust
  // domain, port, userinfo, query, fragment, percent-encoding, trailing '/'.
  static absl::StatusOr<SpiffeId> Parse(std::string_view text);
  // `path` is empty or begins with '/'.
  static absl::StatusOr<SpiffeId> FromParts(const TrustDomain& trust_domain, std::string_view path);

  const TrustDomain& trust_domain() const { return trust_domain_; }
  std::string_view path() const;  // "" or "/a/b"
  std::vector<std::string_view> segments() const;
  const std::string& ToString() const { return text_; }

  friend bool operator==(const SpiffeId& a, const SpiffeId& b) { return a.text_ == b.text_; }
  friend auto operator<=>(const SpiffeId& a, const SpiffeId& b) { return a.text_ <=> b.text_; }

 private:
  SpiffeId(TrustDomain trust_domain, std::string text)
      : trust_domain_(std::move(trust_domain)), text_(std::move(text)) {}

  TrustDomain trust_domain_;
  std::string text_;
};

}  // namespace omninode::identity

template <>
struct std::hash<omninode::identity::TrustDomain> {
  std::size_t operator()(const omninode::identity::TrustDomain& domain) const noexcept {
    return std::hash<std::string>()(domain.name());
  }
};
template <>
struct std::hash<omninode::identity::SpiffeId> {
  std::size_t operator()(const omninode::identity::SpiffeId& id) const noexcept {
    return std::hash<std::string>()(id.ToString());
  }
};

#endif  // OMNINODE_COMMON_IDENTITY_SPIFFE_ID_H_
