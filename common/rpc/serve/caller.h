#ifndef OMNINODE_COMMON_RPC_SERVE_CALLER_H_
#define OMNINODE_COMMON_RPC_SERVE_CALLER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "common/base/check.h"
#include "common/base/names.h"
#include "common/identity/principal.h"
#include "common/identity/spiffe_id.h"
#include "common/identity/verifier.h"
#include "common/rpc/serve/local_peer.h"

namespace omninode::rpc {

// Who calls: proved by the connection, never by anything in the request. A value.
struct Caller {
  // Null only for RPCs that ask for no identity (Role::kLocal, Role::kAnyone). Otherwise it has a
  // principal of the network's own trust domain.
  std::shared_ptr<const identity::VerifiedSvid> svid;
  std::string address;               // "ipv4:10.0.0.7:41234", as gRPC gives it
  std::uint64_t trust_sequence = 0;  // of the trust state under which the call was let in
  std::optional<LocalPeer> local;    // the process at the admin Unix socket
  // What the certificate of a peer says that is not believed: to be told, never to be acted on.
  std::string claimed_id;

  // For people: the SPIFFE ID, believed or claimed, or "uid:1000"; empty when nothing is known.
  std::string Name() const;

  // REQUIRES: svid != nullptr.
  const identity::SpiffeId& id() const {
    OMNI_CHECK(svid != nullptr);
    return svid->id;
  }
  const identity::Principal& principal() const {
    OMNI_CHECK(svid != nullptr && svid->principal.has_value());
    return *svid->principal;
  }
};

enum class Access : std::uint8_t { kRead, kWrite };

// Whether the caller may read or write in `ns`: administrators everywhere, others in their own
// namespace; gateway, consul, federation and registry services may read everywhere. Fails with
// NS_FORBIDDEN. What may be written is the method's and the signature's business.
absl::Status CheckNamespace(const Caller& caller, const NamespaceName& ns, Access access);

// The namespace that a request names, if the caller may touch it. NAME_INVALID, NS_FORBIDDEN.
absl::StatusOr<NamespaceName> AccessibleNamespace(const Caller& caller, std::string_view name,
                                                  Access access);

}  // namespace omninode::rpc

#endif  // OMNINODE_COMMON_RPC_SERVE_CALLER_H_
