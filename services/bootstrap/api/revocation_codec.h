#ifndef OMNINODE_SERVICES_BOOTSTRAP_API_REVOCATION_CODEC_H_
#define OMNINODE_SERVICES_BOOTSTRAP_API_REVOCATION_CODEC_H_

#include "omninode/bootstrap/v1/authority_service.pb.h"
#include "services/bootstrap/desk/revocation_desk.h"

// Revocations as administrators see them. Pure.
namespace omninode::bootstrap {

v1::TrustPropagation Encode(const Propagation& propagation);
v1::Revocation Encode(const RevocationDesk::Item& item);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_API_REVOCATION_CODEC_H_
