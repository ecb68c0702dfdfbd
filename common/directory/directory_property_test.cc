#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/directory/change_merge.h"
#include "common/directory/filter.h"
#include "common/directory/position.h"
#include "common/directory/test_nodes.h"
#include "common/directory/topology_mirror_state.h"

// Laws of the topology stream over random histories.
namespace omninode::directory {
namespace {

using testing::Added;
using testing::HashOf;
using testing::Id;
using testing::Node;
using testing::Ns;
using testing::Removed;
using testing::Updated;

using State = MirrorState::NodeMap;

// Decimal digits of one random number, taken from the lowest place.
class Choices {
 public:
  explicit Choices(std::uint32_t number) : number_(number) {}
  std::uint32_t Below(std::uint32_t bound) {
    const std::uint32_t choice = number_ % bound;
    number_ /= bound;
    return choice;
  }

 private:
  std::uint32_t number_;
};

// What a registry would commit, driven by a script: one number is one change of one node, and tells
// whether it ends its version. Version v leads from states()[v - 1] to states()[v].
class History {
 public:
  explicit History(const std::vector<std::uint32_t>& script) {
    states_.emplace_back();
    for (const std::uint32_t number : script) {
      Choices choices(number);
      const bool ends_version = choices.Below(2) == 0;
      Change(choices);
      if (ends_version) EndVersion();
    }
    EndVersion();
  }

  std::uint64_t head() const { return states_.size() - 1; }
  const State& StateAt(std::uint64_t version) const { return states_[version]; }
  const TopologyDiff& DiffAt(std::uint64_t version) const { return diffs_[version - 1]; }

 private:
  static NodeViewPtr MakeNode(std::uint32_t number, std::uint64_t version, Choices& choices) {
    const auto pick = [&](std::initializer_list<const char*> texts) {
      return std::string(texts.begin()[choices.Below(static_cast<std::uint32_t>(texts.size()))]);
    };
    return Node({.ns = "tenant-a",
                 .node_type = pick({"worker", "router"}),
                 .node_id = fmt::format("n{}", number),
                 .version = pick({"1", "2"}),
                 .labels = {{"zone", pick({"a", "b"})}},
                 .epoch = pick({"", "blue", "green"}),
                 .health = choices.Below(2) == 0 ? Health::kServing : Health::kDegraded},
                version);
  }

  void Change(Choices& choices) {
    const std::uint64_t version = states_.size();
    const std::uint32_t number = choices.Below(6);
    const NodeId id = Id(fmt::format("n{}", number));
    if (pending_.contains(id)) return;  // a version changes a node once
    const auto current = states_.back().find(id);
    const std::uint32_t action = choices.Below(8);
    if (current == states_.back().end()) {
      pending_.emplace(id, Added(MakeNode(number, version, choices)));
      return;
    }
    const NodeView& before = *current->second;
    if (action < 2) {
      pending_.emplace(id, Removed(before));
    } else if (action == 2) {
      pending_.emplace(id, Updated(current->second, before.version, {ChangedField::kEvidence}));
    } else {
      const auto after = MakeNode(number, version, choices);
      pending_.emplace(id, Updated(after, before.version,
                                   ComputeChangedFields(before, *after) |
                                       ChangedFields{ChangedField::kEvidence}));
    }
  }

  void EndVersion() {
    State state = states_.back();
    std::vector<TopologyChange> changes;
    for (const auto& [id, change] : pending_) {
      changes.push_back(change);
      state.erase(id);
      if (change.node != nullptr) state.emplace(id, change.node);
    }
    pending_.clear();
    diffs_.push_back(testing::Diff(states_.size(), std::move(changes)));
    states_.push_back(std::move(state));
  }

  std::map<NodeId, TopologyChange> pending_;
  std::vector<State> states_;
  std::vector<TopologyDiff> diffs_;
};

rc::Gen<std::vector<std::uint32_t>> Script() {
  return rc::gen::container<std::vector<std::uint32_t>>(
      rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint32_t>()));
}

const NodeView* Find(const State& state, const NodeId& id) {
  const auto found = state.find(id);
  return found == state.end() ? nullptr : found->second.get();
}

State FilterState(const State& state, const WatchFilter& filter) {
  State seen;
  for (const auto& [id, node] : state) {
    if (filter.Matches(*node)) seen.emplace(id, node);
  }
  return seen;
}

TopologyDiff FilterDiff(const History& history, std::uint64_t version, const WatchFilter& filter) {
  TopologyDiff seen = history.DiffAt(version);
  std::vector<TopologyChange> changes;
  for (const auto& change : seen.changes) {
    const NodeView* before = Find(history.StateAt(version - 1), change.node_id);
    if (auto shown = filter.FilterChange(change, before)) changes.push_back(*std::move(shown));
  }
  seen.changes = std::move(changes);
  return seen;
}

TopologyDiff HideEvidence(TopologyDiff diff) {
  std::vector<TopologyChange> changes;
  for (auto& change : diff.changes) {
    if (auto shown = WithoutEvidence(std::move(change))) changes.push_back(*std::move(shown));
  }
  diff.changes = std::move(changes);
  return diff;
}

SetHash HashOfState(const State& state) {
  std::vector<NodeViewPtr> nodes;
  for (const auto& [id, node] : state) nodes.push_back(node);
  return HashOf(nodes);
}

MirrorState SnapshotOf(const State& state, std::uint64_t version) {
  MirrorState mirror({.ns = Ns("tenant-a")});
  mirror.BeginSnapshot();
  for (const auto& [id, node] : state) {
    RC_ASSERT(mirror.AddSnapshotChunk(std::span(&node, 1)).ok());
  }
  RC_ASSERT(mirror.EndSnapshot({1, version}, HashOfState(state)).ok());
  return mirror;
}

// Equal in what the hash covers and in what it does not.
void AssertMirrors(const MirrorState& mirror, const State& state) {
  RC_ASSERT(mirror.nodes().size() == state.size());
  for (const auto& [id, node] : state) RC_ASSERT(*mirror.nodes().at(id) == *node);
  RC_ASSERT(mirror.hash() == HashOfState(state));
}

void AssertApplies(MirrorState& mirror, const TopologyDiff& diff) {
  const auto status = mirror.ApplyDiff(mirror.position()->version, diff);
  if (!status.ok()) RC_LOG() << status << "\n";
  RC_ASSERT(status.ok());
}

std::uint64_t VersionIn(const History& history) {
  return *rc::gen::inRange<std::uint64_t>(0, history.head() + 1);
}

WatchFilter AnyFilter() {
  const auto list = [](std::vector<std::string> texts) {
    return *rc::gen::element(std::vector<std::string>{}, std::vector<std::string>{texts[0]},
                             std::vector<std::string>{texts[1]}, texts);
  };
  WatchFilter::Fields fields = {.node_types = list({"worker", "router"}),
                                .epochs = list({"blue", ""})};
  if (*rc::gen::arbitrary<bool>()) fields.labels = {"zone=a"};
  return WatchFilter::Create(fields).value();
}

TEST(DirectoryPropertyTest, SnapshotPlusDiffsIsTheLaterSnapshot) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    const std::uint64_t start = VersionIn(history);
    MirrorState mirror = SnapshotOf(history.StateAt(start), start);
    for (std::uint64_t v = start + 1; v <= history.head(); ++v) {
      AssertApplies(mirror, history.DiffAt(v));
      AssertMirrors(mirror, history.StateAt(v));
    }
  }));
}

TEST(DirectoryPropertyTest, MergedDiffsLeadToTheSameTopologyAsSingleOnes) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    std::uint64_t version = VersionIn(history);
    MirrorState mirror = SnapshotOf(history.StateAt(version), version);
    ChangeMerger merger;
    while (version < history.head()) {
      const State& base = history.StateAt(version);
      const auto window = *rc::gen::inRange<std::uint64_t>(1, 6);
      const std::uint64_t end = std::min(version + window, history.head());
      while (version < end) RC_ASSERT(merger.Add(history.DiffAt(++version)).ok());
      const auto merged = merger.Take();
      AssertApplies(mirror, *merged);
      AssertMirrors(mirror, history.StateAt(version));
      for (const auto& change : merged->changes) {
        RC_ASSERT(IsWellFormed(change));
        if (change.kind != ChangeKind::kUpdated) continue;
        const auto differs = ComputeChangedFields(*Find(base, change.node_id), *change.node);
        RC_ASSERT((change.changed_fields | differs) == change.changed_fields);
      }
    }
  }));
}

TEST(DirectoryPropertyTest, AFilteredStreamLeadsToTheFilteredTopology) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    const WatchFilter filter = AnyFilter();
    const std::uint64_t start = VersionIn(history);
    MirrorState mirror = SnapshotOf(FilterState(history.StateAt(start), filter), start);
    for (std::uint64_t v = start + 1; v <= history.head(); ++v) {
      AssertApplies(mirror, FilterDiff(history, v, filter));
      AssertMirrors(mirror, FilterState(history.StateAt(v), filter));
    }
  }));
}

TEST(DirectoryPropertyTest, AStreamFilteredMergedAndWithoutEvidenceLeadsThereToo) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    const WatchFilter filter = AnyFilter();
    const std::uint64_t start = VersionIn(history);
    MirrorState mirror = SnapshotOf(FilterState(history.StateAt(start), filter), start);
    ChangeMerger merger;
    for (std::uint64_t v = start + 1; v <= history.head(); ++v) {
      RC_ASSERT(merger.Add(HideEvidence(FilterDiff(history, v, filter))).ok());
      if (*rc::gen::inRange(0, 3) != 0 && v != history.head()) continue;
      AssertApplies(mirror, *merger.Take());
      RC_ASSERT(mirror.hash() == HashOfState(FilterState(history.StateAt(v), filter)));
    }
  }));
}

TEST(DirectoryPropertyTest, AnyLostOrRepeatedDiffIsNoticed) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    const std::uint64_t lost = *rc::gen::inRange<std::uint64_t>(1, history.head() + 1);
    MirrorState mirror = SnapshotOf(history.StateAt(lost - 1), lost - 1);
    if (lost < history.head()) {
      RC_ASSERT(absl::IsOutOfRange(mirror.ApplyDiff(lost, history.DiffAt(lost + 1))));
    }
    RC_ASSERT(absl::IsOutOfRange(mirror.ApplyBookmark(lost, {1, lost}, std::nullopt)));
    AssertApplies(mirror, history.DiffAt(lost));
    RC_ASSERT(absl::IsOutOfRange(mirror.ApplyDiff(lost - 1, history.DiffAt(lost))));
    AssertMirrors(mirror, history.StateAt(lost));
  }));
}

TEST(DirectoryPropertyTest, AStreamThatHidesAChangeIsFoundByTheHash) {
  EXPECT_TRUE(rc::check([] {
    const History history(*Script());
    const std::uint64_t version = *rc::gen::inRange<std::uint64_t>(1, history.head() + 1);
    const State& before = history.StateAt(version - 1);
    const State& after = history.StateAt(version);
    RC_PRE(HideEvidence(history.DiffAt(version)).changes.size() > 0);
    MirrorState mirror = SnapshotOf(before, version - 1);
    RC_ASSERT(mirror.ApplyDiff(version - 1, testing::Diff(version, {})).ok());
    RC_ASSERT(absl::IsDataLoss(mirror.ApplyBookmark(version, {1, version}, HashOfState(after))));
  }));
}

TEST(DirectoryPropertyTest, TheHashDoesNotDependOnOrderAndRemovalUndoesAddition) {
  EXPECT_TRUE(
      rc::check([](std::vector<crypto::Sha256Digest> members, const crypto::Sha256Digest& extra) {
        SetHash forward;
        SetHash backward;
        for (const auto& digest : members) forward.Add(digest);
        std::ranges::reverse(members);
        for (const auto& digest : members) backward.Add(digest);
        RC_ASSERT(forward == backward);
        RC_ASSERT(SetHash::FromBytes(forward.ToBytes()).value() == forward);
        backward.Add(extra);
        backward.Remove(extra);
        RC_ASSERT(forward == backward);
      }));
}

TEST(DirectoryPropertyTest, PositionsParseBackAndCompareLikePairs) {
  EXPECT_TRUE(rc::check([](std::uint64_t i, std::uint64_t v, std::uint64_t j, std::uint64_t w) {
    const Position a{i, v};
    const Position b{j, w};
    RC_ASSERT(Position::Parse(a.ToString()).value() == a);
    RC_ASSERT((a < b) == (std::pair(i, v) < std::pair(j, w)));
  }));
}

TEST(DirectoryPropertyTest, NoTextButAPositionsOwnParses) {
  EXPECT_TRUE(rc::check([] {
    const auto number =
        rc::gen::resize(4, rc::gen::container<std::string>(rc::gen::weightedElement<char>(
                               {{12, '1'}, {6, '0'}, {1, '+'}, {1, '-'}, {1, ' '}})));
    const std::string text = *number + ":" + *number;
    const auto position = Position::Parse(text);
    RC_CLASSIFY(position.ok());
    if (position.ok()) RC_ASSERT(position->ToString() == text);
  }));
}

// Reads a canonical form back; that this is possible is what injective means.
class CanonicalReader {
 public:
  explicit CanonicalReader(std::string_view form) : rest_(form) {}

  std::uint64_t Integer(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char c : Take(bytes)) value = (value << 8) | static_cast<std::uint8_t>(c);
    return value;
  }
  std::string Text() { return std::string(Take(Integer(4))); }
  Introspection::NamedStrings List() {
    Introspection::NamedStrings items(Integer(4));
    for (auto& [name, value] : items) {
      name = Text();
      value = Text();
    }
    return items;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view Take(std::size_t count) {
    RC_ASSERT(count <= rest_.size());
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
};

// At most eight items named a, b, ...; values of characters that a careless format would confuse.
Introspection::NamedStrings AnyItems(const std::string& prefix, const std::string& alphabet) {
  const auto values = *rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::elementOf(alphabet)));
  Introspection::NamedStrings items;
  for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), 8); ++i) {
    items.emplace_back(std::string(1, static_cast<char>('a' + i)), prefix + values[i]);
  }
  return items;
}

TEST(DirectoryPropertyTest, TheCanonicalFormCanBeReadBack) {
  EXPECT_TRUE(rc::check([] {
    const auto name =
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab0"))));
    const auto short_name = rc::gen::map(name, [](std::string s) { return s.substr(0, 63); });
    const Introspection::Fields said = {
        .ns = *short_name,
        .node_type = *short_name,
        .node_id = *short_name,
        .version = (*short_name).substr(1),
        .endpoints = AnyItems("http://h/", "ab:=/;0"),
        .capabilities = AnyItems("", "ab:=/ 0"),
        .labels = AnyItems("", "ab:=/ 0"),
        .epoch = (*short_name).substr(1),
        .health = *rc::gen::element(Health::kServing, Health::kDegraded, Health::kNotServing)};
    const auto version = *rc::gen::arbitrary<std::uint64_t>();
    const std::string form = CanonicalForm(*Node(said, version));

    CanonicalReader reader(form);
    RC_ASSERT(reader.Text() == "omninode-node-v1");
    RC_ASSERT(reader.Text() == said.ns);
    RC_ASSERT(reader.Text() == said.node_id);
    RC_ASSERT(reader.Text() == said.node_type);
    RC_ASSERT(reader.Text() == said.version);
    RC_ASSERT(reader.List() == said.endpoints);
    RC_ASSERT(reader.List() == said.capabilities);
    RC_ASSERT(reader.List() == said.labels);
    RC_ASSERT(reader.Text() == said.epoch);
    RC_ASSERT(ParseHealth(reader.Text()) == said.health);
    RC_ASSERT(reader.Integer(8) == version);
    RC_ASSERT(reader.at_end());
  }));
}

}  // namespace
}  // namespace omninode::directory
