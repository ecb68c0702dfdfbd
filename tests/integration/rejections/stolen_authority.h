#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_STOLEN_AUTHORITY_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_STOLEN_AUTHORITY_H_

#include <functional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/crypto/certificate.h"
#include "common/crypto/certificate_spec.h"
#include "common/crypto/key.h"
#include "tests/integration/rejections/actor.h"

namespace omninode::rejections {

// The key of a network's authority, taken from the bootstrap service's folder, and what one can
// make with it: certificates of any content that chain to the network's root. By default they are
// like those that bootstrap issues. Immutable; thread-safe.
class StolenAuthority final {
 public:
  // As ReadSecretFile and the parsers fail.
  static absl::StatusOr<StolenAuthority> Take(const std::string& data_dir,
                                              std::string_view trust_domain);

  struct Options {
    crypto::KeyAlgorithm algorithm = crypto::KeyAlgorithm::kP256;
    absl::Duration age = absl::Minutes(1);  // the certificate is valid for so long already
    std::function<void(crypto::CertificateSpec&)> change = nullptr;  // before it is signed
  };

  // "/node/cache/c1" -> "spiffe://testbed.example/node/cache/c1"; whole ids stay.
  std::string Id(std::string_view path) const;
  Actor Issue(std::string_view id, const Options& options) const;
  Actor Issue(std::string_view id) const { return Issue(id, Options()); }
  // Another certificate for a key that has one.
  Actor IssueFor(const crypto::PrivateKey& key, std::string_view id, const Options& options) const;
  // A certificate below `issuer`, whose own chain follows it.
  Actor IssueBelow(const Actor& issuer, std::string_view id, const Options& options) const;
  // An authority below the root.
  Actor IssueIntermediate(const Actor* above, const Options& options) const;
  // The authority itself.
  Actor Self() const;

  const crypto::Certificate& certificate() const { return certificate_; }

 private:
  StolenAuthority(std::string trust_domain, crypto::Certificate certificate, crypto::PrivateKey key)
      : trust_domain_(std::move(trust_domain)),
        certificate_(std::move(certificate)),
        key_(std::move(key)) {}

  const std::string trust_domain_;
  const crypto::Certificate certificate_;
  const crypto::PrivateKey key_;
};

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_STOLEN_AUTHORITY_H_
