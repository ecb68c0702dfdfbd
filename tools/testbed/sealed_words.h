#ifndef OMNINODE_TOOLS_TESTBED_SEALED_WORDS_H_
#define OMNINODE_TOOLS_TESTBED_SEALED_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/names.h"
#include "common/directory/introspection.h"
#include "common/identity/x509_svid.h"

namespace omninode::testbed {

// What a node sends, as serialized envelopes signed at `now`. Nothing checks that the words are
// about the node that signs them: tests lie. Pure but for the signature and the event id, which
// differ each time. Errors: those of envelope::Seal.
absl::StatusOr<std::string> SealIntrospection(const directory::Introspection& introspection,
                                              const NetworkId& network, std::uint64_t sequence,
                                              const identity::X509Svid& svid, absl::Time now);
// The goodbye of the node that the SVID names; FAILED_PRECONDITION when it names none.
absl::StatusOr<std::string> SealTombstone(std::string_view reason_text, const NetworkId& network,
                                          std::uint64_t sequence, const identity::X509Svid& svid,
                                          absl::Time now);

}  // namespace omninode::testbed

#endif  // OMNINODE_TOOLS_TESTBED_SEALED_WORDS_H_
