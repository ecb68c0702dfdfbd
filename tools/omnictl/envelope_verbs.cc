#include <filesystem>
#include <memory>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/enrollment/identity_folder.h"
#include "common/envelope/display.h"
#include "common/identity/trust_bundle.h"
#include "tools/omnictl/envelope_verify.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

Columns EnvelopeColumns() {
  return {{"verified", "VERIFIED"},
          {"event_type", "TYPE"},
          {"event_id", "EVENT"},
          {"spiffe_id", "SIGNED BY"},
          {"serial", "CERTIFICATE"},
          {"signed_at", "SIGNED AT"},
          {"timestamp", "MADE AT"},
          {"network_id", "NETWORK"},
          {"namespace", "NAMESPACE"},
          {"sequence", "SEQUENCE"},
          {"correlation_id", "CORRELATION"},
          {"payload_bytes", "PAYLOAD BYTES"},
          {"envelope", "ENVELOPE", Shown::kJson}};
}

absl::StatusOr<Rows> EnvelopeRows(const EnvelopeFile& file, const envelope::Body& body,
                                  bool verified) {
  Cell serial;
  if (!file.envelope.certificates_der.empty()) {
    const auto leaf = crypto::Certificate::FromDer(file.envelope.certificates_der.front());
    if (leaf.ok()) serial = leaf->serial_hex();
  }
  OMNI_ASSIGN_OR_RETURN(std::string shown, envelope::ToDisplay(file.envelope));
  return RecordOf(
      EnvelopeColumns(),
      {body.event_id,
       {verified, NameOf(body.type), body.event_id, file.envelope.spiffe_id, std::move(serial),
        body.signed_at, body.timestamp, body.audience.network_id.value(), body.audience.ns.value(),
        body.sequence, body.correlation_id.empty() ? Cell() : Cell(body.correlation_id),
        std::uint64_t{body.payload.size()}, RawJson{std::move(shown)}}});
}

absl::StatusOr<EnvelopeFile> ReadEnvelope(const Args& args) {
  const std::string path = args.Text("FILE");
  OMNI_ASSIGN_OR_RETURN(const std::string bytes, ReadInput(path));
  auto file = ParseEnvelopeFile(bytes);
  if (!file.ok()) return Annotate(file.status(), EscapeForDisplay(path, 256));
  return file;
}

// A root that names its trust domain vouches for no other.
absl::Status CheckDomain(const identity::TrustBundle& bundle) {
  for (const crypto::Certificate& root : bundle.roots()) {
    for (const std::string& uri : root.uri_sans()) {
      if (uri == bundle.trust_domain().ToId()) continue;
      return Reject(Reason::kTdMismatch, "the bundle is of '{}', the envelope of '{}'",
                    EscapeForDisplay(uri, 256), bundle.trust_domain().ToId());
    }
  }
  return absl::OkStatus();
}

// A file of roots does not say of which trust domain they are: they are taken to be of the one that
// the signer says to be of, unless they themselves say otherwise.
absl::StatusOr<identity::TrustStatePtr> TrustOfBundle(const std::string& path,
                                                      const std::string& spiffe_id) {
  OMNI_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path));
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId signer, identity::SpiffeId::Parse(spiffe_id));
  auto bundle = identity::TrustBundle::FromPem(signer.trust_domain(), pem);
  if (!bundle.ok()) return Annotate(bundle.status(), EscapeForDisplay(path, 256));
  OMNI_RETURN_IF_ERROR(CheckDomain(*bundle));
  OMNI_ASSIGN_OR_RETURN(auto bundles, identity::BundleSet::Create({*std::move(bundle)}));
  return std::make_shared<const identity::TrustState>(
      identity::TrustState{.own = signer.trust_domain(), .bundles = std::move(bundles)});
}

absl::StatusOr<identity::TrustStatePtr> TrustOfFolder(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    return Error(absl::StatusCode::kNotFound, "there is no identity folder {}",
                 EscapeForDisplay(path, 256));
  }
  OMNI_ASSIGN_OR_RETURN(const auto folder, enrollment::IdentityFolder::Open(path));
  OMNI_ASSIGN_OR_RETURN(const auto contents, folder.Load());
  return contents.trust.trust;
}

absl::StatusOr<identity::TrustStatePtr> TrustFor(const Args& args, const EnvelopeFile& file) {
  if (args.Has("bundle")) return TrustOfBundle(args.Text("bundle"), file.envelope.spiffe_id);
  if (args.Has("identity")) return TrustOfFolder(args.Text("identity"));
  return Reject(Reason::kArgumentInvalid, "say whom to trust: --bundle FILE or --identity DIR");
}

absl::StatusOr<Rows> Show(Client&, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const EnvelopeFile file, ReadEnvelope(args));
  OMNI_ASSIGN_OR_RETURN(
      const envelope::Body body,
      envelope::DecodeBody(file.envelope.body, envelope::Strictness::kIgnoreUnknown));
  return EnvelopeRows(file, body, /*verified=*/false);
}

absl::StatusOr<Rows> Verify(Client&, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const EnvelopeFile file, ReadEnvelope(args));
  OMNI_ASSIGN_OR_RETURN(const identity::TrustStatePtr trust, TrustFor(args, file));
  const auto verified = VerifyEnvelope(file, *trust);
  // Whatever is wrong with it: the command line is not.
  if (!verified.ok()) return WithExitCode(verified.status(), ExitCode::kRefused);
  return EnvelopeRows(file, verified->body, /*verified=*/true);
}

OptionSpec FileWord() {
  return {.name = "FILE",
          .help = "the envelope: JSON as -o json shows it, or the bytes of the message",
          .required = true};
}

}  // namespace

std::vector<Verb> EnvelopeVerbs() {
  return {
      {.words = {"envelope", "show"},
       .summary = "what a signed message says, without verifying it",
       .details = "Believe nothing of it before `envelope verify` succeeded.",
       .options = WithOutput({FileWord()}),
       .examples = {{"envelope show w1.json", "in short"},
                    {"envelope show w1.bin -o json", "all of it"}},
       .run = RunOnce(Show)},
      {.words = {"envelope", "verify"},
       .summary = "whether a signed message was signed by whom it says",
       .details =
           "Checks the signature, the certificate as of the time of signing (with --identity also\n"
           "revocations), that the signer may speak for the node, and of JSON that it shows what "
           "was\n"
           "signed. Exit code 0 only when all of that holds. The network is shown, not checked.\n"
           "The revocations are those that the folder knew when the program that uses it was last\n"
           "in touch with bootstrap: later ones are not seen.",
       .options =
           WithOutput({FileWord(),
                       {.name = "--bundle", .value = "FILE", .help = "authorities to trust, PEM"},
                       {.name = "--identity",
                        .value = "DIR",
                        .help = "trust what this identity folder trusts",
                        .environment = "OMNINODE_IDENTITY"}}),
       .examples = {{"envelope verify w1.json --bundle roots.pem", "with authorities of a file"},
                    {"envelope verify w1.json --identity alice",
                     "with an identity folder's trust"}},
       .run = RunOnce(Verify)},
  };
}

}  // namespace omninode::omnictl
