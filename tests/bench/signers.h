#ifndef OMNINODE_TESTS_BENCH_SIGNERS_H_
#define OMNINODE_TESTS_BENCH_SIGNERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/crypto/certificate_issuer.h"
#include "common/crypto/key.h"
#include "common/directory/introspection.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/x509_svid.h"

namespace omninode::bench {

// Makes SVIDs with the authority's own key, without the bootstrap service, because thousands are
// needed before anything can be measured. To the registry they are like any other. Immutable;
// thread-safe.
class Mint final {
 public:
  // Keys are shared by SVIDs, each with a certificate of its own: making an RSA key takes longer
  // than all the rest of a run. The bootstrap service would not do it, the registry cannot tell.
  static constexpr std::size_t kKeys = 64;

  Mint(crypto::CertificateIssuer issuer, crypto::KeyAlgorithm algorithm, absl::Time now);

  // `number` picks the key.
  absl::StatusOr<identity::X509Svid> Make(const identity::SpiffeId& id, std::size_t number) const;
  const crypto::PrivateKey& key(std::size_t number) const { return keys_[number % kKeys]; }

 private:
  const crypto::CertificateIssuer issuer_;
  const absl::Time now_;
  std::vector<crypto::PrivateKey> keys_;
};

// Nodes of one namespace that sign their registrations. Immutable; thread-safe.
class Signers final {
 public:
  struct Options {
    NetworkId network;
    NamespaceName ns;
    identity::TrustDomain trust_domain;
    std::size_t first = 0;  // of the nodes' numbers; each is in the node's id
    std::size_t count = 0;
    std::size_t threads = 1;
    std::function<bool()> interrupted = [] { return false; };  // on any thread
  };
  static absl::StatusOr<Signers> Create(const Mint& mint, const Options& options);

  std::size_t size() const { return svids_.size(); }
  // `count` signed registrations as serialized RegisterRequests, of all nodes in turn, each with a
  // higher sequence than the one before and a description that the node did not have before.
  // CANCELLED when interrupted.
  // REQUIRES: `first_sequence` is above all that were used, and not in the future.
  absl::StatusOr<std::vector<std::string>> Sign(std::size_t count, std::uint64_t first_sequence,
                                                absl::Time now) const;

 private:
  Signers(Options options, std::vector<identity::X509Svid> svids);
  absl::StatusOr<std::string> SignOne(std::size_t place, std::uint64_t sequence,
                                      absl::Time now) const;

  const Options options_;
  const std::vector<identity::X509Svid> svids_;
};

// What a node of the bench says about itself: about 455 bytes as an envelope's payload. `counter`
// is one of its capabilities.
absl::StatusOr<directory::Introspection> DescriptionOf(const NamespaceName& ns, std::size_t number,
                                                       std::uint64_t counter);

}  // namespace omninode::bench

#endif  // OMNINODE_TESTS_BENCH_SIGNERS_H_
