#include "services/registry/store/testing/storable_commands.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/payload.h"

namespace omninode::registry::testing {
namespace {

std::string Quote(std::string_view text) { return HexEncode(text); }

std::string Describe(const LastMessage& last, const Signer& signer) {
  return fmt::format("message {} {} {} {} by {} {} {}\n", last.sequence,
                     crypto::DigestHex(last.digest), last.answer_version, Quote(last.submitter),
                     Quote(signer.spiffe_id), Quote(signer.certificate_key),
                     absl::FormatTime(signer.not_before));
}

std::string Describe(const Departed& departed) {
  const directory::Tombstone& gone = departed.tombstone;
  return fmt::format("tombstone {} {} {} '{}' {} {} at {} {} after {} {} {}\n  {}",
                     gone.node.id.value(), gone.node_type.value(), NameOf(gone.reason),
                     Quote(gone.reason_text), Quote(gone.actor), Quote(gone.decision),
                     gone.removed_at.ToString(), absl::FormatTime(gone.removed_time),
                     absl::FormatDuration(gone.uptime), NameOf(gone.final_health),
                     gone.last_sequence, Describe(departed.last_message, departed.signer));
}

template <typename Items>
std::string DescribeNamed(const Items& items) {
  std::string text;
  for (const auto& item : items) text += item.name().value() + "=" + Quote(item.value()) + " ";
  return text;
}

std::string Describe(const directory::NodeView& view) {
  const directory::Introspection& said = view.introspection;
  std::string text = fmt::format(
      "node {} {} {} version {} since {} by {} decision {} ttl {}\n  says '{}' epoch '{}' {} ttl "
      "{} ",
      view.ns().value(), view.node_id().value(), view.node_type().value(), view.version,
      absl::FormatTime(view.registered_at), Quote(view.actor), Quote(view.decision),
      absl::FormatDuration(view.lease_ttl), said.version(), said.epoch(), NameOf(said.health()),
      absl::FormatDuration(said.requested_ttl()));
  for (const auto& endpoint : said.endpoints()) {
    text += endpoint.name().value() + "=" + endpoint.url() + " ";
  }
  return text + DescribeNamed(said.capabilities()) + DescribeNamed(said.labels()) + "\n";
}

}  // namespace

RegisterCommand StorableRegistration(const NodeSpec& spec) {
  return StorableRegistration(spec, IntrospectionOf(spec));
}

RegisterCommand StorableRegistration(const NodeSpec& spec, directory::Introspection description) {
  RegisterCommand command = Registration(spec);
  command.introspection = std::move(description);
  auto network = NetworkId::Parse("test");
  OMNI_CHECK(network.ok());
  Evidence evidence = *command.admitted.evidence;
  evidence.body =
      envelope::EncodeBody({.event_id = "0f4f1c3e-7d52-4c8b-9f0a-2b6d1e5a7c90",
                            .type = envelope::EventType::kNodeIntrospection,
                            .timestamp = command.admitted.signed_at,
                            .signed_at = command.admitted.signed_at,
                            .audience = {*std::move(network), command.admitted.node.ns},
                            .sequence = command.admitted.sequence,
                            .leaf_fingerprint = evidence.chain->leaf_fingerprint,
                            .correlation_id = {},
                            .payload = envelope::EncodeIntrospection(command.introspection)});
  command.admitted.evidence = std::make_shared<const Evidence>(std::move(evidence));
  return command;
}

Plan PlanFor(const TopologyState& state, const std::vector<Command>& commands, absl::Time now,
             std::uint64_t term) {
  return MakePlan(state, commands, {.now = now, .trust = *Harness().trust, .term = term});
}

std::string Describe(const Node& node) {
  std::string text = Describe(*node.view);
  text +=
      fmt::format("  lease {} {}", node.lease.value(), Describe(node.last_message, node.signer));
  const Evidence& evidence = *node.evidence;
  text +=
      fmt::format("  evidence {} {} {} {}", Quote(evidence.body), Quote(evidence.signature),
                  NameOf(evidence.algorithm), crypto::DigestHex(evidence.chain->leaf_fingerprint));
  for (const std::string& der : evidence.chain->der) text += " " + Quote(der);
  return text + "\n";
}

std::string Describe(const TopologyState& state) {
  std::string text;
  for (const auto& [name, ns] : state.namespaces()) {
    const NamespaceInfo& info = ns.info();
    text += fmt::format("namespace {} at {} hash {} limits {} {} {} {} created {} by {}\n",
                        name.value(), ns.position().ToString(), ns.hash().ToHex(),
                        absl::FormatDuration(info.limits.min_ttl()),
                        absl::FormatDuration(info.limits.default_ttl()),
                        absl::FormatDuration(info.limits.max_ttl()), info.limits.max_nodes(),
                        absl::FormatTime(info.created_at), Quote(info.actor));
    for (const NodePtr& node : ns.nodes().TakeSnapshot().Sorted()) {
      text += Describe(*node);
      text += fmt::format("  one of {}\n", ns.CountOfType(node->view->node_type()));
    }
    for (const DepartedPtr& departed : ns.tombstones()) {
      text += Describe(*departed);
      const bool counts = ns.FindDeparted(departed->tombstone.node.id) == departed;
      text += fmt::format("  {}\n", counts ? "refuses" : "is history");
    }
  }
  return text;
}

std::string Describe(const LoggedVersion& version) {
  std::string text =
      fmt::format("group {} term {} {}: {} -> {} at {}\n", version.seq, version.term,
                  version.ns.value(), version.previous_version, version.diff.position.ToString(),
                  absl::FormatTime(version.diff.timestamp));
  for (std::size_t i = 0; i < version.diff.changes.size(); ++i) {
    const directory::TopologyChange& change = version.diff.changes[i];
    text += fmt::format("{} {} {} fields {} reason {} '{}' from {} by {} decision {} for {}\n",
                        NameOf(change.kind), change.node_id.value(), change.node_type.value(),
                        change.changed_fields.bits(),
                        change.removal_reason ? NameOf(*change.removal_reason) : "none",
                        Quote(change.reason_text), change.previous_node_version,
                        Quote(change.actor), Quote(change.decision), Quote(change.correlation_id));
    if (change.node != nullptr) text += "  shows " + Describe(*change.node);
    text += version.after[i] == nullptr ? "gone\n" : Describe(*version.after[i]);
  }
  return text;
}

std::string Describe(const std::vector<LoggedVersion>& versions) {
  std::string text;
  for (const LoggedVersion& version : versions) text += Describe(version);
  return text;
}

}  // namespace omninode::registry::testing
