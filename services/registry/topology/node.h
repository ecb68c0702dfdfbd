#ifndef OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_H_
#define OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/crypto/digest.h"
#include "common/crypto/key.h"
#include "common/directory/node_view.h"
#include "common/directory/tombstone.h"

namespace omninode::registry {

// Names a lease within its namespace and incarnation: the version that granted it and the place
// within that version. Never given twice, so a late heartbeat of an earlier life finds nothing.
class LeaseHandle final {
 public:
  // One version grants at most so many leases: the bound of a commit group.
  static constexpr std::uint64_t kMaxPerVersion = 4096;

  constexpr LeaseHandle() = default;
  constexpr LeaseHandle(std::uint64_t version, std::uint64_t index)
      : value_(version * kMaxPerVersion + index) {}
  static constexpr LeaseHandle FromValue(std::uint64_t value) {
    LeaseHandle handle;
    handle.value_ = value;
    return handle;
  }

  constexpr std::uint64_t value() const { return value_; }
  constexpr std::uint64_t version() const { return value_ / kMaxPerVersion; }

  friend constexpr auto operator<=>(LeaseHandle, LeaseHandle) = default;

 private:
  std::uint64_t value_ = 0;
};

// The certificates of one signer in DER, leaf first; shared by every envelope signed with them.
struct CertificateChain {
  crypto::Sha256Digest leaf_fingerprint;
  std::vector<std::string> der;
};

// What a node signed, as received, so that anyone can verify it again (as of its signed_at).
struct Evidence {
  std::string body;
  std::string signature;
  crypto::SignatureAlgorithm algorithm;
  std::shared_ptr<const CertificateChain> chain;
};

// Who signed, as far as later revocations need it.
struct Signer {
  std::string spiffe_id;
  std::string certificate_key;  // identity::Revocations::KeyOf the leaf
  absl::Time not_before;        // of the leaf: what is older than a ban stays refused after it

  friend bool operator==(const Signer&, const Signer&) = default;
};

// The last accepted envelope of a node id: what order and idempotency are judged by.
struct LastMessage {
  std::uint64_t sequence = 0;
  crypto::Sha256Digest digest{};     // of event type, audience and payload
  std::uint64_t answer_version = 0;  // the position's version that was answered
  std::string submitter;             // SPIFFE ID of the TLS peer that carried it

  friend bool operator==(const LastMessage&, const LastMessage&) = default;
};

// A live node: what everybody sees, and what the registry keeps beside it. Immutable once it is in
// the topology; changes make a new one.
struct Node {
  std::shared_ptr<const directory::NodeView> view;
  LeaseHandle lease;
  LastMessage last_message;
  Signer signer;
  std::shared_ptr<const Evidence> evidence;
};

// A node that has left: the public record, and what refuses late messages of it.
struct Departed {
  directory::Tombstone tombstone;
  LastMessage last_message;
  Signer signer;
};

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_TOPOLOGY_NODE_H_
