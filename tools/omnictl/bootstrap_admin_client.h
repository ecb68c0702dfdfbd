#ifndef OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CLIENT_H_
#define OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CLIENT_H_

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "tools/omnictl/bootstrap_admin.h"

namespace grpc {
class Channel;
}

namespace omninode::omnictl {

// The bootstrap service's administration over gRPC. Each call waits for at most `timeout`, lists
// for each of their pages.
class BootstrapAdminClient final : public BootstrapAdmin {
 public:
  BootstrapAdminClient(std::shared_ptr<grpc::Channel> channel, absl::Duration timeout)
      : channel_(std::move(channel)), timeout_(timeout) {}

  absl::StatusOr<Entry> CreateEntry(const Entry& entry) override;
  absl::StatusOr<Entry> GetEntry(std::string_view entry_id) override;
  absl::StatusOr<std::vector<Entry>> ListEntries() override;
  absl::StatusOr<Entry> UpdateEntry(std::string_view entry_id, const EntryChange& change) override;
  absl::Status DeleteEntry(std::string_view entry_id) override;
  absl::StatusOr<enrollment::TokenFile> CreateJoinToken(std::string_view spiffe_id,
                                                        std::optional<absl::Duration> ttl) override;
  absl::StatusOr<RevokedSvid> RevokeSvid(std::string_view serial,
                                         std::string_view reason_text) override;
  absl::StatusOr<Propagation> BanIdentity(std::string_view spiffe_id,
                                          std::string_view reason_text) override;
  absl::StatusOr<Propagation> UnbanIdentity(std::string_view spiffe_id) override;
  absl::StatusOr<std::vector<RevocationRecord>> ListRevocations() override;

 private:
  template <typename Service, typename Method, typename Request, typename Response>
  absl::Status Call(Method method, const Request& request, Response* response) const;

  const std::shared_ptr<grpc::Channel> channel_;
  const absl::Duration timeout_;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_CLIENT_H_
