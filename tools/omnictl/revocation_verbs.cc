#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

Columns PropagationColumns() {
  return {{"spiffe_id", "SPIFFE ID"},
          {"action", "ACTION"},
          {"trust_sequence", "TRUST SEQUENCE"},
          {"applied", "ENFORCED BY"},
          {"lagging", "NOT YET BY"}};
}

Rows PropagationRows(const std::string& spiffe_id, std::string_view action,
                     const Propagation& propagation) {
  return RecordOf(PropagationColumns(), {spiffe_id,
                                         {spiffe_id, action, propagation.sequence,
                                          Texts(propagation.applied), Texts(propagation.lagging)}});
}

// Else the service would only say that it knows no such certificate.
absl::Status CheckSerial(std::string_view serial) {
  constexpr std::size_t kMaxDigits = 40;
  const bool hexadecimal = serial.find_first_not_of("0123456789abcdefABCDEF") == serial.npos;
  if (hexadecimal && !serial.empty() && serial.size() <= kMaxDigits) return absl::OkStatus();
  return Reject(Reason::kArgumentInvalid, "'{}' is no serial number: 1 to {} hexadecimal digits",
                EscapeForDisplay(serial, 64), kMaxDigits);
}

absl::StatusOr<Rows> Revoke(Client& client, const Args& args) {
  OMNI_RETURN_IF_ERROR(CheckSerial(args.Text("serial")));
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const RevokedSvid revoked,
                        bootstrap->RevokeSvid(args.Text("serial"), args.Text("reason-text")));
  return PropagationRows(revoked.spiffe_id, "revoked", revoked.propagation);
}

absl::StatusOr<Rows> Ban(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, SpiffeIdOf(args));
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const Propagation propagation,
                        bootstrap->BanIdentity(id.ToString(), args.Text("reason-text")));
  return PropagationRows(id.ToString(), "banned", propagation);
}

absl::StatusOr<Rows> Unban(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, SpiffeIdOf(args));
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const Propagation propagation, bootstrap->UnbanIdentity(id.ToString()));
  return PropagationRows(id.ToString(), "unbanned", propagation);
}

absl::StatusOr<Rows> List(Client& client, const Args&) {
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(const auto records, bootstrap->ListRevocations());
  std::vector<Row> rows;
  for (const RevocationRecord& record : records) {
    rows.push_back(
        {record.serial.value_or(record.spiffe_id),
         {record.serial.has_value() ? "certificate" : "identity", record.spiffe_id,
          record.serial.has_value() ? Cell(*record.serial) : Cell(), record.time,
          record.expires_at.has_value() ? Cell(*record.expires_at) : Cell(),
          record.reason_text.empty() ? Cell() : Cell(record.reason_text), record.actor}});
  }
  return ListOf("revocations",
                {{"kind", "KIND"},
                 {"spiffe_id", "SPIFFE ID"},
                 {"serial", "SERIAL"},
                 {"time", "TIME"},
                 {"expires_at", "EXPIRES", Shown::kWide},
                 {"reason_text", "REASON"},
                 {"actor", "ACTOR", Shown::kWide}},
                std::move(rows));
}

OptionSpec SpiffeIdOption() {
  return {.name = "--spiffe-id", .value = "ID", .help = "the identity", .required = true};
}

OptionSpec ReasonOption() {
  return {.name = "--reason-text", .value = "TEXT", .help = "why, for people"};
}

}  // namespace

std::vector<Verb> RevocationVerbs() {
  return {
      {.words = {"identity", "revoke"},
       .summary = "make one certificate worthless everywhere",
       .details =
           "Its node leaves the topology. The identity may get a new certificate; to keep it\n"
           "out, ban it. The answer lists the instances that enforce it already.",
       .options = WithBootstrap({{.name = "--serial",
                                  .value = "SERIAL",
                                  .help = "serial number in hexadecimal, as `identity svid show` "
                                          "prints it",
                                  .required = true},
                                 ReasonOption()}),
       .examples = {{"identity revoke --serial 3fa9 --reason-text 'key was copied'",
                     "revoke a certificate"}},
       .run = RunOnce(Revoke)},
      {.words = {"identity", "ban"},
       .summary = "refuse an identity: issue nothing to it, accept nothing from it",
       .options = WithBootstrap({SpiffeIdOption(), ReasonOption()}),
       .examples = {{"identity ban --spiffe-id spiffe://example.org/node/worker/w1",
                     "until it is lifted"}},
       .run = RunOnce(Ban)},
      {.words = {"identity", "unban"},
       .summary = "lift a ban",
       .details = "Certificates from before the ban stay refused: the identity needs a new one.",
       .options = WithBootstrap({SpiffeIdOption()}),
       .examples = {{"identity unban --spiffe-id spiffe://example.org/node/worker/w1", "lift it"}},
       .run = RunOnce(Unban)},
      {.words = {"identity", "revocations"},
       .summary = "revoked certificates and banned identities, newest first",
       .options = WithBootstrap({}),
       .examples = {{"identity revocations -o wide", "with who did it"}},
       .run = RunOnce(List)},
  };
}

}  // namespace omninode::omnictl
