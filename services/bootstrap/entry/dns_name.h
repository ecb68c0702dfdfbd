#ifndef OMNINODE_SERVICES_BOOTSTRAP_ENTRY_DNS_NAME_H_
#define OMNINODE_SERVICES_BOOTSTRAP_ENTRY_DNS_NAME_H_

#include <cstddef>
#include <string_view>

#include <absl/status/status.h>

namespace omninode::bootstrap {

inline constexpr std::size_t kMaxDnsNameBytes = 253;  // RFC 1035 2.3.4, without the final dot
inline constexpr std::size_t kMaxDnsLabelBytes = 63;

// A host name as it may stand in a certificate: labels of lower-case letters, digits and '-', not
// at an end, joined by '.', the last not of digits alone (that would read as an address). One
// spelling per name: no upper case, no final dot, no wildcard. Pure. Fails with ARGUMENT_INVALID.
absl::Status CheckDnsName(std::string_view name);

}  // namespace omninode::bootstrap

#endif  // OMNINODE_SERVICES_BOOTSTRAP_ENTRY_DNS_NAME_H_
