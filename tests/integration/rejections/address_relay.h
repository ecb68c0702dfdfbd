#ifndef OMNINODE_TESTS_INTEGRATION_REJECTIONS_ADDRESS_RELAY_H_
#define OMNINODE_TESTS_INTEGRATION_REJECTIONS_ADDRESS_RELAY_H_

#include <list>
#include <memory>
#include <string>
#include <thread>

#include <absl/status/statusor.h>

#include "common/config/file_descriptor.h"

namespace omninode::rejections {

// Lets a client come from another address of this host: whoever connects to address() reaches the
// target from `source`. Needed where a peer has no identity but its address, by which limits and
// log lines are counted. Owns a thread. Thread-safe.
class AddressRelay final {
 public:
  // `target`: "127.0.0.1:7100"; `source`: an address of 127.0.0.0/8.
  static absl::StatusOr<std::unique_ptr<AddressRelay>> Start(std::string_view target,
                                                             const std::string& source);
  ~AddressRelay();
  AddressRelay(const AddressRelay&) = delete;
  AddressRelay& operator=(const AddressRelay&) = delete;

  const std::string& address() const { return address_; }
  const std::string& source() const { return source_; }

 private:
  // Both ends of one connection.
  struct Pair {
    config::FileDescriptor client;
    config::FileDescriptor server;
  };

  AddressRelay(config::FileDescriptor listener, config::FileDescriptor stop, std::string address,
               std::string source, std::uint16_t target_port);
  void Run();
  void Accept();
  // False when the connection is over.
  static bool Carry(int from, int to);

  const config::FileDescriptor listener_;
  const config::FileDescriptor stop_;  // an eventfd that ends the thread
  const std::string address_;
  const std::string source_;
  const std::uint16_t target_port_;
  std::list<Pair> pairs_;  // of the thread
  std::thread thread_;     // last: starts when everything above is there
};

}  // namespace omninode::rejections

#endif  // OMNINODE_TESTS_INTEGRATION_REJECTIONS_ADDRESS_RELAY_H_
