#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CODEC_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CODEC_H_

#include "omninode/bootstrap/v1/trust_service.pb.h"
#include "services/bootstrap/api/network_map.h"
#include "services/bootstrap/trust/trust_ledger.h"

// What members are told to trust. Pure; enrollment::Decode is the other direction.
namespace omninode::bootstrap {

v1::TrustState Encode(const TrustView& view, const NetworkMap& network);

v1::RevokedCertificate Encode(const CertificateRevocation& revocation);
v1::BannedIdentity Encode(const IdentityBan& ban);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_TRUST_CODEC_H_
