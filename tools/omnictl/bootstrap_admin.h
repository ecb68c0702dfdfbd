#ifndef OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_H_
#define OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/enrollment/token_file.h"

namespace omninode::omnictl {

// A rule of the bootstrap service: identities of this pattern may be issued, like this.
struct Entry {
  std::string entry_id;
  std::string spiffe_id_pattern;
  std::optional<absl::Duration> svid_ttl;
  std::vector<std::string> dns_names;
  absl::Time created_at;
};

// How far a change of trust has spread.
struct Propagation {
  std::uint64_t sequence = 0;
  std::vector<std::string> applied;  // SPIFFE IDs of instances that enforce it
  std::vector<std::string> lagging;  // of connected ones that do not yet
};

struct RevokedSvid {
  std::string spiffe_id;
  Propagation propagation;
};

// A revoked certificate (with serial) or a banned identity (without).
struct RevocationRecord {
  std::string spiffe_id;
  std::optional<std::string> serial;     // hexadecimal
  std::optional<absl::Time> expires_at;  // of the certificate
  std::string reason_text;
  std::string actor;
  absl::Time time;
};

// What administrators ask the bootstrap service for. Blocking; not thread-safe. Errors: the
// service's, with Reason and metadata; UNAVAILABLE without one when it does not answer.
class BootstrapAdmin {
 public:
  // A list of more is RESOURCE_EXHAUSTED.
  static constexpr std::size_t kMaxItems = 100'000;

  virtual ~BootstrapAdmin() = default;

  virtual absl::StatusOr<Entry> CreateEntry(const Entry& entry) = 0;
  virtual absl::StatusOr<Entry> GetEntry(std::string_view entry_id) = 0;
  virtual absl::StatusOr<std::vector<Entry>> ListEntries() = 0;
  // Takes what is given: a nullopt leaves the entry's own.
  struct EntryChange {
    std::optional<absl::Duration> svid_ttl;
    std::optional<std::vector<std::string>> dns_names;
  };
  virtual absl::StatusOr<Entry> UpdateEntry(std::string_view entry_id,
                                            const EntryChange& change) = 0;
  virtual absl::Status DeleteEntry(std::string_view entry_id) = 0;

  // Holds the token's secret.
  virtual absl::StatusOr<enrollment::TokenFile> CreateJoinToken(
      std::string_view spiffe_id, std::optional<absl::Duration> ttl) = 0;

  virtual absl::StatusOr<RevokedSvid> RevokeSvid(std::string_view serial,
                                                 std::string_view reason_text) = 0;
  virtual absl::StatusOr<Propagation> BanIdentity(std::string_view spiffe_id,
                                                  std::string_view reason_text) = 0;
  virtual absl::StatusOr<Propagation> UnbanIdentity(std::string_view spiffe_id) = 0;
  virtual absl::StatusOr<std::vector<RevocationRecord>> ListRevocations() = 0;
};

}  // namespace omninode::omnictl

#endif  // OMNINODE_TOOLS_OMNICTL_BOOTSTRAP_ADMIN_H_
