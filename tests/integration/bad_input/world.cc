#include "tests/integration/bad_input/world.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "common/base/status.h"
#include "common/config/secret_file.h"
#include "common/sql/database.h"

namespace omninode::bad_input {
namespace {

using testbed::Cluster;

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr char kNamespace[] = "default";

directory::Introspection Worker(const std::string& id) {
  return *directory::Introspection::Create(
      {.ns = kNamespace, .node_type = "worker", .node_id = id});
}

absl::Status CopyFolder(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
  if (!error) std::filesystem::permissions(to, std::filesystem::perms(0700), error);
  if (!error) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "{} to {}: {}", from, to, error.message());
}

// As a newer program would leave it.
absl::Status MakeNewer(const std::string& path) {
  OMNI_ASSIGN_OR_RETURN(auto database, sql::Database::Open(path));
  return database.Exec("INSERT INTO schema_migrations VALUES (99, 'of the future', 'x', 0)");
}

// Whoever may read every file cannot be refused one; this takes the right away for one command.
std::string Unprivileged() {
  return ::geteuid() == 0 ? "setpriv --bounding-set=-all --inh-caps=-all" : "";
}

}  // namespace

World::~World() = default;

absl::StatusOr<std::unique_ptr<World>> World::Make(const std::string& bin_dir) {
  std::unique_ptr<World> world(new World);
  world->bin_dir_ = bin_dir;
  OMNI_RETURN_IF_ERROR(world->StartNetworks());
  OMNI_RETURN_IF_ERROR(world->MakeTokens());
  OMNI_RETURN_IF_ERROR(world->MakeVariables());
  return world;
}

absl::Status World::StartNetworks() {
  OMNI_RETURN_IF_ERROR(MakeOtherNetwork());
  OMNI_ASSIGN_OR_RETURN(cluster_, Cluster::Start({.dir = Path("network"), .bin_dir = bin_dir_}));
  return cluster_->AllowNodes(kNamespace);
}

absl::Status World::MakeOtherNetwork() {
  OMNI_ASSIGN_OR_RETURN(const auto other, Cluster::Start({.dir = Path("other"),
                                                          .bin_dir = bin_dir_,
                                                          .network = "other",
                                                          .trust_domain = "other.example"}));
  OMNI_RETURN_IF_ERROR(other->AllowNodes(kNamespace));
  OMNI_ASSIGN_OR_RETURN(const std::string token, other->MakeToken(other->NodeId(Worker("w1"))));
  OMNI_RETURN_IF_ERROR(other->StopAll());
  std::error_code ignored;
  std::filesystem::copy_file(token, Path("other/foreign.token"), ignored);
  for (const char* service : {"bootstrap", "registry"}) {
    const std::string newer = Path(fmt::format("other/data/{}-newer", service));
    OMNI_RETURN_IF_ERROR(CopyFolder(Path(fmt::format("other/data/{}", service)), newer));
    OMNI_RETURN_IF_ERROR(MakeNewer(fmt::format("{}/{}.db", newer, service)));
  }
  return absl::OkStatus();
}

absl::Status World::MakeTokens() {
  OMNI_RETURN_IF_ERROR(config::MakePrivateDirectory(Path("tokens")));
  // Used by somebody else before.
  OMNI_ASSIGN_OR_RETURN(const std::string used,
                        cluster_->MakeToken(cluster_->NodeId(Worker("used-1"))));
  OMNI_RETURN_IF_ERROR(
      testbed::Member::Join(
          {.clock = cluster_->clock(), .logger = cluster_->logger(), .token_file = used})
          .status());
  OMNI_ASSIGN_OR_RETURN(const std::string fresh,
                        cluster_->MakeToken(cluster_->NodeId(Worker("w1"))));
  std::error_code error;
  std::filesystem::copy_file(used, Path("tokens/used.token"), error);
  if (!error) std::filesystem::copy_file(fresh, Path("tokens/fresh.token"), error);
  if (!error) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, "cannot copy tokens: {}", error.message());
}

absl::Status World::MakeVariables() {
  OMNI_ASSIGN_OR_RETURN(const std::uint16_t nobody, ports_.Take());
  const std::string network = Path("network");
  variables_ = {
      {"IDENTITIES", network + "/identities"},
      {"ADMIN", network + "/identities/admin"},
      {"LIVE", network + "/data"},
      {"SOCKET", network + "/admin/sock"},
      {"BOOTSTRAP", cluster_->bootstrap_address()},
      {"ATTESTOR", cluster_->attestor_address()},
      {"REGISTRY", cluster_->registry_address()},
      {"NOBODY", fmt::format("127.0.0.1:{}", nobody)},
      {"OTHER", Path("other")},
      {"TOKENS", Path("tokens")},
      {"PORTS", "--listen 127.0.0.1:0 --admin.listen 127.0.0.1:0"},
      {"UNPRIVILEGED", Unprivileged()},
  };
  return absl::OkStatus();
}

Shell World::MakeShell(const std::string& name) const {
  const std::string dir = Path(name);
  std::error_code ignored;
  std::filesystem::create_directory(dir, ignored);
  std::filesystem::permissions(dir, std::filesystem::perms(0700), ignored);
  return Shell({.dir = dir, .bin_dir = bin_dir_, .variables = variables_});
}

std::string World::Keep() {
  folder_.Keep();
  return fmt::format("logs and state: {}\n{}", folder_.path(),
                     cluster_ == nullptr ? "" : cluster_->LogExcerpts());
}

}  // namespace omninode::bad_input
