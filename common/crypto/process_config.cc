#include "common/crypto/process_config.h"

#include <cstdlib>
#include <string_view>

#include <openssl/conf.h>
#include <openssl/crypto.h>

#include "common/base/check.h"
#include "common/crypto/ssl_ptr.h"

namespace omninode::crypto {
namespace {

// "system_default" applies to every TLS context that the process makes. NumTickets is a second
// lock: it is the number of tickets a TLS 1.3 server sends unasked.
constexpr std::string_view kConfiguration = R"(
openssl_conf = omninode
[omninode]
ssl_conf = contexts
[contexts]
system_default = tls
[tls]
MinProtocol = TLSv1.2
CipherString = DEFAULT@SECLEVEL=2
Options = -SessionTicket
NumTickets = 0
)";

// A TLS 1.2 cipher that needs a pre-shared key, which nobody has: TLS 1.2 handshakes find no common
// cipher, while those of TLS 1.3 are configured elsewhere in gRPC's TLS library.
constexpr const char* kCipherVariable = "GRPC_SSL_CIPHER_SUITES";
constexpr const char* kCiphers = "PSK-AES128-GCM-SHA256";

using ConfPtr = std::unique_ptr<CONF, SslFree<NCONF_free>>;
using BioPtr = std::unique_ptr<BIO, SslFree<BIO_free_all>>;

}  // namespace

void ConfigureTlsProcess() {
  const ErrorMark mark;
  // The system's own configuration first: the library loads it at most once, so it cannot come
  // later and undo ours.
  OMNI_CHECK(OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr) == 1);
  const ConfPtr conf(NCONF_new(nullptr));
  const BioPtr text(
      BIO_new_mem_buf(kConfiguration.data(), static_cast<int>(kConfiguration.size())));
  long error_line = 0;
  OMNI_CHECK(NCONF_load_bio(conf.get(), text.get(), &error_line) == 1);
  OMNI_CHECK(CONF_modules_load(conf.get(), nullptr, 0) == 1);
  OMNI_CHECK(setenv(kCipherVariable, kCiphers, 1) == 0);
}

}  // namespace omninode::crypto
