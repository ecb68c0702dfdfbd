#include <algorithm>
#include <optional>
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
constexpr std::string_view kUnknown = "unknown";
// Without one of each the network does not work.
constexpr std::string_view kServices[] = {"bootstrap", "attestor", "registry"};

struct Finding {
  // Of a condition; or "ok", "unreachable", "unknown", "failed" of the instance; or "missing".
  std::string state;
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
    return {{std::string(kUnknown), "", "it registered no http endpoint named admin"}};
  }
  const auto response =
      client.HttpGet(std::string(admin->host()), admin->port().value_or(80), "/readyz");
  if (!response.ok()) {
    return {{"unreachable", "",
             fmt::format("{}; start it, or run this where its admin address can be reached",
                         Message(response.status()))}};
  }
  const auto readiness = ParseReadiness(response->body);
  if (readiness.ok()) return FindingsOf(*readiness);
  return {{"failed", "admin",
           fmt::format("HTTP {}: {}", response->status, Message(readiness.status()))}};
}

std::optional<Row> MissingRow(std::string_view service, const node::NodeList& services) {
  const bool there = std::ranges::any_of(services.nodes, [&](const node::NodeRecord& record) {
    return record.view->node_type().value() == service;
  });
  if (there) return std::nullopt;
  return Row{std::string(service),
             {service, Cell(), "missing", Cell(),
              fmt::format("no {0} is registered in namespace {1}; start omninode-{0}, and read its "
                          "log when it runs",
                          service, identity::kSystemNamespace),
              Cell()}};
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
      if (finding.state != kOk && finding.state != kUnknown) ++problems;
      rows.rows.push_back(
          {view.node_id().value(),
           {view.node_type().value(), view.node_id().value(), std::move(finding.state),
            finding.condition.empty() ? Cell() : Cell(finding.condition), std::move(finding.detail),
            admin == nullptr ? Cell() : Cell(Where(*admin))}});
    }
  }
  for (const std::string_view service : kServices) {
    if (auto row = MissingRow(service, services); row.has_value()) {
      rows.rows.push_back(*std::move(row));
      ++problems;
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
       .details =
           "Finds the services in namespace `system` and reads /readyz of each one's admin "
           "endpoint.\n"
           "Exit code 1 when a condition has failed or warns, when an admin endpoint cannot "
           "be\n"
           "reached from here, and when bootstrap, attestor or registry is not there at all.",
       .options = WithRegistry({}),
       .examples = {{"check", "all services"},
                    {"check -o json", "for a monitor, which also looks at the exit code"}},
       .run = RunOnce(Check)},
  };
}

}  // namespace omninode::omnictl
