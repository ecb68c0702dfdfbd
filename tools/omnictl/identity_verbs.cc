#include <filesystem>
#include <optional>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/exit_code.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/crypto/pem.h"
#include "common/crypto/wipe.h"
#include "common/enrollment/identity_folder.h"
#include "common/identity/svid_profile.h"
#include "tools/omnictl/error_line.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

// Where the bootstrap service's admin socket is unless its configuration says something else.
constexpr char kDefaultSocket[] = "/var/lib/omninode/bootstrap/admin.sock";

Columns SvidColumns() {
  return {{"spiffe_id", "SPIFFE ID"},
          {"serial", "SERIAL"},
          {"not_before", "NOT BEFORE"},
          {"not_after", "NOT AFTER"},
          {"valid", "VALID NOW"},
          {"dns_names", "DNS NAMES"},
          {"key_algorithm", "KEY"},
          {"fingerprint", "SHA-256"},
          {"issuer", "ISSUER"},
          {"authority_key_id", "AUTHORITY KEY"},
          {"chain_length", "CHAIN"},
          {"path", "FROM"},
          {"network_id", "NETWORK"},
          {"trust_domain", "TRUST DOMAIN"},
          {"trust_sequence", "TRUST SEQUENCE"},
          {"bootstrap_addresses", "BOOTSTRAP"},
          {"registry_addresses", "REGISTRY"}};
}

std::string AlgorithmOf(const crypto::Certificate& leaf) {
  return leaf.public_key().ok() ? std::string(NameOf(leaf.public_key()->algorithm())) : "other";
}

// Of a file of certificates there is no network to show.
Rows SvidRows(const crypto::Certificate& leaf, const identity::SpiffeId& id, std::size_t chain,
              const std::string& path, absl::Time now, const enrollment::NetworkTrust* trust) {
  const bool valid = leaf.not_before() <= now && now < leaf.not_after();
  Row row{
      id.ToString(),
      {id.ToString(), leaf.serial_hex(), leaf.not_before(), leaf.not_after(), valid,
       Texts(leaf.dns_sans()), AlgorithmOf(leaf), HexEncode(AsText(ByteSpan(leaf.fingerprint()))),
       leaf.issuer(), leaf.authority_key_id(), std::uint64_t{chain}, path}};
  if (trust == nullptr) {
    row.cells.resize(SvidColumns().size());
  } else {
    row.cells.insert(
        row.cells.end(),
        {trust->network.network_id.value(), trust->trust->own.name(), trust->trust->sequence,
         Texts(trust->network.bootstrap_addresses), Texts(trust->network.registry_addresses)});
  }
  return RecordOf(SvidColumns(), std::move(row));
}

absl::StatusOr<Rows> ShowFolder(const std::string& path, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(const auto folder, enrollment::IdentityFolder::Open(path));
  OMNI_ASSIGN_OR_RETURN(const auto contents, folder.Load());
  return SvidRows(contents.svid.leaf(), contents.svid.id(), contents.svid.chain().size(), path, now,
                  &contents.trust);
}

absl::StatusOr<Rows> ShowFile(const std::string& path, absl::Time now) {
  OMNI_ASSIGN_OR_RETURN(const std::string pem, ReadInput(path));
  auto ders = crypto::CertificatesFromPem(pem);
  if (!ders.ok()) {
    // Nobody refused anything: the file is another one than the user thinks.
    return WithExitCode(WithAdvice(Annotate(ders.status(), EscapeForDisplay(path, 256)),
                                   "name an identity folder, or a PEM file of certificates"),
                        ExitCode::kUsage);
  }
  OMNI_ASSIGN_OR_RETURN(const auto leaf, crypto::Certificate::FromDer(ders->front()));
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, identity::CheckLeafProfile(leaf));
  return SvidRows(leaf, id, ders->size(), path, now, nullptr);
}

absl::StatusOr<Rows> ShowSvid(Client& client, const Args& args) {
  const std::string path = args.Text("PATH");
  std::error_code ignored;
  // Looked at first, because opening an identity folder makes it.
  if (std::filesystem::is_directory(path, ignored)) return ShowFolder(path, client.clock().Now());
  return ShowFile(path, client.clock().Now());
}

absl::StatusOr<Rows> Issue(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, SpiffeIdOf(args));
  const std::string out = args.Text("out");
  OMNI_RETURN_IF_ERROR(MayWrite(out + "/key.pem", args.Has("force")));
  std::error_code ignored;
  const bool made_here = !std::filesystem::exists(out, ignored);
  // Before the identity is issued: an identity that cannot be kept should not be.
  OMNI_ASSIGN_OR_RETURN(const auto folder, enrollment::IdentityFolder::Open(out));
  const auto result = client.IssueLocally(args.Text("socket"), id.ToString(), args.Duration("ttl"));
  if (!result.ok()) {
    if (made_here) std::filesystem::remove(out, ignored);  // only if it is empty
    if (!absl::IsUnavailable(result.status()) || ReasonOf(result.status()).has_value()) {
      return result.status();
    }
    return WithAdvice(result.status(),
                      "start the bootstrap service on this machine, or name its admin socket with "
                      "--socket PATH");
  }
  const enrollment::FirstIdentity& issued = *result;
  OMNI_RETURN_IF_ERROR(folder.SaveTrust(issued.trust_bytes));
  OMNI_RETURN_IF_ERROR(folder.SaveSvid(issued.svid));
  return SvidRows(issued.svid.leaf(), issued.svid.id(), issued.svid.chain().size(), out,
                  client.clock().Now(), &issued.trust);
}

absl::StatusOr<Rows> CreateToken(Client& client, const Args& args) {
  OMNI_ASSIGN_OR_RETURN(const identity::SpiffeId id, SpiffeIdOf(args));
  const std::string out = args.Text("out");
  OMNI_RETURN_IF_ERROR(MayWrite(out, args.Has("force")));
  OMNI_ASSIGN_OR_RETURN(BootstrapAdmin* const bootstrap, client.Bootstrap());
  OMNI_ASSIGN_OR_RETURN(enrollment::TokenFile token,
                        bootstrap->CreateJoinToken(id.ToString(), args.Duration("ttl")));
  const crypto::SecretString text(token.ToJson());
  crypto::Wipe(token.token);
  OMNI_RETURN_IF_ERROR(config::WriteSecretFile(out, text.value()));
  return RecordOf({{"spiffe_id", "SPIFFE ID"},
                   {"token_id", "TOKEN"},
                   {"expires_at", "USABLE UNTIL"},
                   {"attestor", "ATTESTOR"},
                   {"path", "WRITTEN TO"}},
                  {token.token_id,
                   {id.ToString(), token.token_id, token.expires_at, token.attestor_address, out}});
}

OptionSpec SpiffeIdOption() {
  return {.name = "--spiffe-id", .value = "ID", .help = "the identity", .required = true};
}

OptionSpec OutOption(std::string value, std::string help) {
  return {.name = "--out", .value = std::move(value), .help = std::move(help), .required = true};
}

OptionSpec ForceOption() {
  return {.name = "--force", .help = "replace what is there", .kind = OptionKind::kFlag};
}

}  // namespace

std::vector<Verb> IdentityVerbs() {
  return {
      {.words = {"identity", "issue"},
       .summary = "a first identity for a service or administrator of this machine",
       .details =
           "Works on the machine of the bootstrap service, for root and for the user it runs\n"
           "as. The folder gets a new key, the certificates, and what to trust; the key never\n"
           "leaves it.",
       .options = WithOutput({SpiffeIdOption(),
                              OutOption("DIR", "folder to make or fill"),
                              {.name = "--socket",
                               .value = "PATH",
                               .help = "admin socket of the bootstrap service",
                               .default_text = kDefaultSocket,
                               .environment = "OMNINODE_BOOTSTRAP_SOCKET"},
                              {.name = "--ttl",
                               .value = "DURATION",
                               .help = "life of the identity; without it: the service's",
                               .kind = OptionKind::kDuration},
                              {.name = "--timeout",
                               .value = "DURATION",
                               .help = "how long to wait for an answer",
                               .kind = OptionKind::kDuration,
                               .default_text = "10s"},
                              ForceOption()}),
       .examples = {{"identity issue --spiffe-id spiffe://example.org/admin/alice --out alice",
                     "an administrator"},
                    {"identity issue --spiffe-id spiffe://example.org/service/registry/registry-1 "
                     "--out registry-1",
                     "a service"}},
       .run = RunOnce(Issue)},
      {.words = {"identity", "token", "create"},
       .summary = "a join token for one newcomer, to be used once",
       .details =
           "Writes a token file (mode 0600) to hand to the newcomer: `node run --token FILE`.\n"
           "There must be an entry that allows the identity.",
       .options = WithBootstrap({SpiffeIdOption(),
                                 OutOption("FILE", "token file to write"),
                                 {.name = "--ttl",
                                  .value = "DURATION",
                                  .help = "how long it may be used; without it: 10m",
                                  .kind = OptionKind::kDuration},
                                 ForceOption()}),
       .examples = {{"identity token create --spiffe-id "
                     "spiffe://example.org/ns/tenant-a/node/worker/w1 --out w1.token",
                     "for a node of tenant-a"}},
       .run = RunOnce(CreateToken)},
      {.words = {"identity", "svid", "show"},
       .summary = "what an identity folder or a certificate file holds",
       .details = "Of a folder the key is checked too: whether it is private and belongs to the\n"
                  "certificate. It is never shown.",
       .options = WithOutput({{.name = "PATH",
                               .help = "identity folder, or PEM file with the leaf first",
                               .required = true}}),
       .examples = {{"identity svid show alice", "an identity folder"},
                    {"identity svid show alice/chain.pem -o json", "certificates, for programs"}},
       .run = RunOnce(ShowSvid)},
  };
}

}  // namespace omninode::omnictl
