#ifndef OMNINODE_COMMON_ENVELOPE_DSSE_H_
#define OMNINODE_COMMON_ENVELOPE_DSSE_H_

#include <string>
#include <string_view>

namespace omninode::envelope {

// What the body of a SignedEnvelope is; part of the signed bytes, so that a signature made for
// anything else is worth nothing here.
inline constexpr std::string_view kPayloadType = "application/vnd.omninode.envelope.v1+protobuf";

// The bytes that are signed: "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in ASCII
// decimal (DSSE v1.0.2, protocol.md). Injective. Pure.
std::string PreAuthenticationEncoding(std::string_view type, std::string_view body);

}  // namespace omninode::envelope

#endif  // OMNINODE_COMMON_ENVELOPE_DSSE_H_
