#include "services/bootstrap/bootstrap_metrics.h"

namespace omninode::bootstrap {
namespace {

using telemetry::MetricDefinition;
using telemetry::MetricType;

constexpr char kSequence[] = "omninode_bootstrap_trust_sequence";
constexpr char kRevocations[] = "omninode_bootstrap_revocations";
constexpr char kFollowers[] = "omninode_bootstrap_trust_followers";
constexpr char kEntries[] = "omninode_bootstrap_entries";
constexpr char kAuthorityEnd[] = "omninode_bootstrap_authority_end_seconds";

}  // namespace

std::vector<MetricDefinition> BootstrapMetrics::Definitions() {
  return {
      {kSequence, MetricType::kGauge, "Trust sequence; rises with every change of trust.", "1"},
      {kRevocations, MetricType::kGauge, "Revoked certificates and banned identities.", "1"},
      {kFollowers, MetricType::kGauge, "Open trust streams.", "1"},
      {kEntries, MetricType::kGauge, "Entries by which identities are issued.", "1"},
      {kAuthorityEnd, MetricType::kGauge,
       "When the authority's certificate ends, in seconds since 1970; alert a month before.",
       "seconds"},
  };
}

void BootstrapMetrics::Update() {
  const auto trust = rooms_.ledger.Current();
  metrics_.GetGauge(kSequence).Set(static_cast<double>(trust->sequence));
  metrics_.GetGauge(kRevocations).Set(static_cast<double>(trust->revocations.size()));
  metrics_.GetGauge(kFollowers).Set(static_cast<double>(rooms_.broadcast.followers()));
  metrics_.GetGauge(kEntries).Set(static_cast<double>(rooms_.entries.Table()->size()));
  metrics_.GetGauge(kAuthorityEnd)
      .Set(absl::ToDoubleSeconds(rooms_.authority_ends_at - absl::UnixEpoch()));
}

}  // namespace omninode::bootstrap
