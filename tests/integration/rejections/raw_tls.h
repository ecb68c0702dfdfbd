#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_RAW_TLS_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_RAW_TLS_H_

#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "tests/integration/rejections/actor.h"

namespace omninode::rejections {

// What came of bytes that were sent over TLS to a port of HTTP/2.
struct TlsAnswer {
  std::string bytes;  // all that came back until `until` was among it, the end, or the timeout
  int sessions = 0;   // that the server offered for resumption
};

// A TLS connection without gRPC, for what no gRPC client sends. The server is believed.
absl::StatusOr<TlsAnswer> TalkTls(const std::string& address, const Actor& client,
                                  std::string_view request, std::string_view until,
                                  absl::Duration timeout);

// The beginning of an HTTP/2 connection (RFC 9113 3.4).
std::string Http2Preface();

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_RAW_TLS_H_
