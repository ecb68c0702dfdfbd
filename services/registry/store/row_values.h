#ifndef OMNINODE_SERVICES_REGISTRY_STORE_ROW_VALUES_H_
#define OMNINODE_SERVICES_REGISTRY_STORE_ROW_VALUES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "common/base/status.h"
#include "common/crypto/digest.h"
#include "common/sql/database.h"
#include "common/sql/statement.h"
#include "services/registry/store/stored_node.h"

// How the parts of rows are written and read; see sqlite_schema.cc. Reading fails with DataLoss.
namespace omninode::registry {

// Which commit writes a row.
struct WriteStamp {
  std::uint64_t seq = 0;
  std::uint64_t term = 0;
};

inline void BindTime(sql::Statement& row, int position, absl::Time time) {
  row.BindInt64(position, absl::ToUnixNanos(time));
}
inline void BindDuration(sql::Statement& row, int position, absl::Duration duration) {
  row.BindInt64(position, absl::ToInt64Nanoseconds(duration));
}
inline void BindDigest(sql::Statement& row, int position, const crypto::Sha256Digest& digest) {
  row.BindBlob(position, crypto::DigestBytes(digest));
}
// NULL when it says what `usual` says.
inline void BindUnlessEqual(sql::Statement& row, int position, const std::string& value,
                            const std::string& usual) {
  if (value == usual) {
    row.BindNull(position);
  } else {
    row.BindText(position, value);
  }
}

inline absl::Time TimeAt(sql::Statement& row, int column) {
  return absl::FromUnixNanos(row.Int64(column));
}
inline absl::Duration DurationAt(sql::Statement& row, int column) {
  return absl::Nanoseconds(row.Int64(column));
}
inline std::string TextAt(sql::Statement& row, int column) { return std::string(row.Text(column)); }
inline std::string TextOr(sql::Statement& row, int column, const std::string& usual) {
  return row.IsNull(column) ? usual : TextAt(row, column);
}

template <typename NameType>
absl::StatusOr<NameType> NameAt(sql::Statement& row, int column) {
  auto name = NameType::Parse(row.Text(column));
  if (name.ok()) return name;
  return Error(absl::StatusCode::kDataLoss, "stored {}", Message(name.status()));
}

// Of an enum whose numbers are 1 to `last`.
template <typename Enum>
absl::StatusOr<Enum> EnumAt(sql::Statement& row, int column, Enum last) {
  const std::int64_t number = row.Int64(column);
  if (number >= 1 && number <= static_cast<std::int64_t>(last)) return static_cast<Enum>(number);
  return Error(absl::StatusCode::kDataLoss, "column {} holds {}", column, number);
}

// The seven columns last_sequence, last_digest, answer_version, submitter, signer, certificate_key,
// not_before from `first` on.
inline void BindLastMessage(sql::Statement& row, int first, const LastMessage& message,
                            const Signer& signer) {
  row.BindUint64(first, message.sequence);
  BindDigest(row, first + 1, message.digest);
  row.BindUint64(first + 2, message.answer_version);
  BindUnlessEqual(row, first + 3, message.submitter, signer.spiffe_id);
  row.BindText(first + 4, signer.spiffe_id);
  row.BindText(first + 5, signer.certificate_key);
  row.BindInt64(first + 6, absl::ToUnixSeconds(signer.not_before));
}
struct SignedMessage {
  LastMessage message;
  Signer signer;
};
inline absl::StatusOr<SignedMessage> LastMessageAt(sql::Statement& row, int first) {
  OMNI_ASSIGN_OR_RETURN(const auto digest, DigestFromStored(row.Blob(first + 1)));
  Signer signer{.spiffe_id = TextAt(row, first + 4),
                .certificate_key = TextAt(row, first + 5),
                .not_before = absl::FromUnixSeconds(row.Int64(first + 6))};
  LastMessage message{.sequence = row.Uint64(first),
                      .digest = digest,
                      .answer_version = row.Uint64(first + 2),
                      .submitter = TextOr(row, first + 3, signer.spiffe_id)};
  return SignedMessage{std::move(message), std::move(signer)};
}

// After a write by key: it must have met exactly the row that the topology believes in.
inline absl::Status ExpectOneRow(const sql::Database& database, std::string_view table,
                                 std::string_view key) {
  if (database.Changes() == 1) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "table {} does not have '{}' as the topology has it",
               table, key);
}

}  // namespace omninode::registry

#endif  // OMNINODE_SERVICES_REGISTRY_STORE_ROW_VALUES_H_
