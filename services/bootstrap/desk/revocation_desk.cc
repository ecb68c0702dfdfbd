#include "services/bootstrap/desk/revocation_desk.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "services/bootstrap/issuance/issue_rules.h"

namespace omninode::bootstrap {
namespace {

constexpr std::string_view kList = "revocations";
constexpr std::size_t kMaxSerialBytes = 20;  // RFC 5280 4.1.2.2

absl::Status CheckOrder(const TrustOrder& order) {
  if (order.reason_text.size() <= kMaxReasonTextBytes && IsValidUtf8(order.reason_text)) {
    return absl::OkStatus();
  }
  return Reject(Reason::kArgumentInvalid, "reason_text must be UTF-8 of at most {} bytes",
                kMaxReasonTextBytes);
}

// As certificates spell it.
absl::StatusOr<std::string> ParseSerial(std::string_view text) {
  const std::optional<std::string> bytes = HexDecode(text);
  if (bytes.has_value() && !bytes->empty() && bytes->size() <= kMaxSerialBytes) {
    return HexEncode(*bytes);
  }
  return Reject(Reason::kArgumentInvalid, "a serial number has 1 to {} bytes in hexadecimal",
                kMaxSerialBytes);
}

// Sorts newest first, and tells items of one moment apart.
std::string SortKey(absl::Time time, std::string_view kind, std::string_view name) {
  const std::int64_t age = std::numeric_limits<std::int64_t>::max() - absl::ToUnixMicros(time);
  return fmt::format("{:020}/{}/{}", age, kind, name);
}

std::map<std::string, RevocationDesk::Item> Sorted(const TrustRecords& records) {
  std::map<std::string, RevocationDesk::Item> items;
  for (const auto& [key, revocation] : records.revocations) {
    items.emplace(SortKey(revocation.revoked_at, "certificate", key), revocation);
  }
  for (const auto& [id, ban] : records.bans) {
    items.emplace(SortKey(ban.banned_at, "identity", id.ToString()), ban);
  }
  return items;
}

}  // namespace

absl::StatusOr<RevocationDesk::Revoked> RevocationDesk::RevokeSvid(
    std::string_view serial, const TrustOrder& order, std::optional<absl::Duration> wait) {
  OMNI_RETURN_IF_ERROR(CheckOrder(order));
  OMNI_ASSIGN_OR_RETURN(const std::string canonical, ParseSerial(serial));
  OMNI_ASSIGN_OR_RETURN(const std::optional<IssuedSvid> svid, deps_.store.FindSvid(canonical));
  if (!svid.has_value()) {
    return Reject(Reason::kObjectUnknown, "no living certificate has serial {}", canonical);
  }
  const IssueRecord& record = svid->record;
  OMNI_ASSIGN_OR_RETURN(
      const std::uint64_t sequence,
      deps_.ledger.Revoke({.certificate = {record.authority_key_id, record.serial},
                           .id = record.id,
                           .revoked_at = deps_.clock.Now(),
                           .expires_at = record.not_after,
                           .reason_text = order.reason_text,
                           .actor = order.actor}));
  return Revoked{record.id, Await(sequence, wait)};
}

absl::StatusOr<Propagation> RevocationDesk::BanIdentity(std::string_view spiffe_id,
                                                        const TrustOrder& order,
                                                        std::optional<absl::Duration> wait) {
  OMNI_RETURN_IF_ERROR(CheckOrder(order));
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, ParseOwnId(spiffe_id));
  OMNI_ASSIGN_OR_RETURN(const std::uint64_t sequence,
                        deps_.ledger.Ban(id, order, deps_.clock.Now()));
  return Await(sequence, wait);
}

absl::StatusOr<Propagation> RevocationDesk::UnbanIdentity(std::string_view spiffe_id,
                                                          std::optional<absl::Duration> wait) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, ParseOwnId(spiffe_id));
  OMNI_ASSIGN_OR_RETURN(const std::uint64_t sequence, deps_.ledger.Unban(id, deps_.clock.Now()));
  return Await(sequence, wait);
}

absl::StatusOr<Page<RevocationDesk::Item>> RevocationDesk::ListRevocations(
    const PageRequest& request) const {
  OMNI_ASSIGN_OR_RETURN(const std::string after, ReadPageToken(kList, request));
  const std::map<std::string, Item> items = Sorted(deps_.ledger.View()->records);
  const std::size_t size = PageSizeOf(request);
  Page<Item> page;
  auto at = items.upper_bound(after);
  std::string last;
  for (; at != items.end() && page.items.size() < size; ++at) {
    page.items.push_back(at->second);
    last = at->first;
  }
  if (at != items.end()) page.next_token = MakePageToken(kList, last);
  return page;
}

absl::StatusOr<identity::SpiffeId> RevocationDesk::ParseOwnId(std::string_view spiffe_id) const {
  OMNI_ASSIGN_OR_RETURN(identity::SpiffeId id, identity::SpiffeId::Parse(spiffe_id));
  OMNI_RETURN_IF_ERROR(CheckIssuable(IssuePath::kRenewal, id, deps_.trust_domain).status());
  return id;
}

Propagation RevocationDesk::Await(std::uint64_t sequence,
                                  std::optional<absl::Duration> wait) const {
  const absl::Duration timeout =
      std::min(wait.value_or(kDefaultPropagationWait), kMaxPropagationWait);
  return deps_.acknowledgements.WaitFor(sequence, deps_.clock, timeout);
}

}  // namespace omninode::bootstrap
