#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/directory/endpoint.h"
#include "common/identity/principal.h"
#include "tools/omnictl/readiness.h"
#include "tools/omnictl/verb.h"
#include "tools/omnictl/verb_parts.h"

namespace omninode::omnictl {
namespace {

constexpr std::string_view kAdminEndpoint = "admin";
constexpr std::string_view kOk = "ok";
constexpr std::string_view kUnreachable = "unreachable";

struct Finding {
  std::string state;  // of a condition; or "ok", "unreachable", "failed" of the instance
  std::string condition;
  std::string detail;
};

std::string Where(const directory::Endpoint& admin) {
  return fmt::format("{}:{}", admin.host(), admin.port().value_or(80));
}

const directory::Endpoint* AdminOf(const directory::NodeView& view) {
  const auto& endpoints = view.introspection.endpoints();
  const auto it = std::ranges::find_if(endpoints, [](const directory::Endpoint& endpoint) {
    return endpoint.name().value() == kAdminEndpoint && endpoint.scheme() == "http";
  });
  return it == endpoints.end() ? nullptr : &*it;
}

// What is not fine; one line that all is when nothing is not.
std::vector<Finding> FindingsOf(const Readiness& readiness) {
  std::vector<Finding> findings;
  for (const Condition& condition : readiness.conditions) {
    if (condition.state != kOk) {
      findings.push_back({condition.state, condition.name, condition.detail});
    }
  }
  const bool failed = std::ranges::any_of(
      findings, [](const Finding& finding) { return finding.state == "failed"; });
  if (!readiness.ready && !failed) {
    findings.push_back({"failed", "ready", "the service is not ready and does not say why"});
  }
  if (findings.empty()) findings.push_back({std::string(kOk), "", "all conditions hold"});
  return findings;
}

std::vector<Finding> Ask(Client& client, const directory::Endpoint* admin) {
  if (admin == nullptr) {
    return {{std::string(kUnreachable), "", "it registered no http endpoint named admin"}};
  }
  const auto response =
      client.HttpGet(std::string(admin->host()), admin->port().value_or(80), "/readyz");
  if (!response.ok()) {
    return {{std::string(kUnreachable), "", std::string(Message(response.status()))}};
  }
  const auto readiness = ParseReadiness(response->body);
  if (readiness.ok()) return FindingsOf(*readiness);
  return {{"failed", "admin",
           fmt::format("HTTP {}: {}", response->status, Message(readiness.status()))}};
}

absl::StatusOr<Rows> Check(Client& client, const Args&) {
  OMNI_ASSIGN_OR_RETURN(const NamespaceName system,
                        NamespaceName::Parse(identity::kSystemNamespace));
  OMNI_ASSIGN_OR_RETURN(RegistryPort* const registry, client.Registry());
  OMNI_ASSIGN_OR_RETURN(const node::NodeList services, registry->ListNodes(system, {}));
  Rows rows = ListOf("findings",
                     {{"service", "SERVICE"},
                      {"instance", "INSTANCE"},
                      {"state", "STATE"},
                      {"condition", "CONDITION"},
                      {"detail", "DETAIL"},
                      {"admin", "ADMIN", Shown::kWide}},
                     {});
  std::uint64_t problems = 0;
  for (const node::NodeRecord& record : services.nodes) {
    const directory::NodeView& view = *record.view;
    const directory::Endpoint* admin = AdminOf(view);
    for (Finding& finding : Ask(client, admin)) {
      // An admin port is often for its own host or pod only: not to reach it proves nothing.
      if (finding.state != kOk && finding.state != kUnreachable) ++problems;
      rows.rows.push_back(
          {view.node_id().value(),
           {view.node_type().value(), view.node_id().value(), std::move(finding.state),
            finding.condition.empty() ? Cell() : Cell(finding.condition), std::move(finding.detail),
            admin == nullptr ? Cell() : Cell(Where(*admin))}});
    }
  }
  rows.facts = {{"services", std::uint64_t{services.nodes.size()}}, {"problems", problems}};
  if (problems > 0) rows.exit_code = ExitCode::kProblemsFound;
  return rows;
}

}  // namespace

std::vector<Verb> CheckVerbs() {
  return {
      {.words = {"check"},
       .summary = "how the services are, and what to do about it",
       .details = "Finds the services in namespace `system` and reads /readyz of each one's admin "
                  "endpoint.\n"
                  "Exit code 1 when a condition has failed or warns. A service whose admin "
                  "endpoint cannot\n"
                  "be reached from here is a line, not a problem.",
       .options = WithRegistry({}),
       .examples = {{"check", "all services"},
                    {"check -o json", "for a monitor, which also looks at the exit code"}},
       .run = RunOnce(Check)},
  };
}

}  // namespace omninode::omnictl
