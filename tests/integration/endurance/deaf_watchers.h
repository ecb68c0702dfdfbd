#ifndef OMNINODE_TESTS_INTEGRATION_ENDURANCE_DEAF_WATCHERS_H_
#define OMNINODE_TESTS_INTEGRATION_ENDURANCE_DEAF_WATCHERS_H_

#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Channel;
}

namespace omninode::integration {

// Watchers that open a stream and never read it. Not thread-safe. The destructor ends the streams.
class DeafWatchers final {
 public:
  DeafWatchers();
  ~DeafWatchers();

  // One more, on that connection.
  void Open(const std::shared_ptr<grpc::Channel>& channel, const std::string& ns);

 private:
  struct Watcher;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

}  // namespace omninode::integration

#endif  // OMNINODE_TESTS_INTEGRATION_ENDURANCE_DEAF_WATCHERS_H_
