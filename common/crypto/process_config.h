#ifndef OMNINODE_COMMON_CRYPTO_PROCESS_CONFIG_H_
#define OMNINODE_COMMON_CRYPTO_PROCESS_CONFIG_H_

namespace omninode::crypto {

// Sets the TLS behaviour of the whole process, for which gRPC has no API:
//   no session tickets, because a resumed connection hides the peer's certificate chain and so the
//   revocation of its identity;
//   TLS 1.3 only on gRPC connections, by leaving TLS 1.2 no usable cipher.
// Other TLS listeners (HTTP) keep their own choice of versions.
// REQUIRES: called once, at the start of main, before any thread is started and any gRPC object
// made. The process stops when the settings cannot be made.
void ConfigureTlsProcess();

}  // namespace omninode::crypto

#endif  // OMNINODE_COMMON_CRYPTO_PROCESS_CONFIG_H_
