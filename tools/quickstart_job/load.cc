#include "tools/quickstart_job/load.h"

#include <utility>

#include "common/base/status.h"
#include "common/node/registry_client.h"
#include "tools/testbed/wait.h"

namespace omninode::quickstart {
namespace {

constexpr char kType[] = "load";
// Longer than a registration takes, shorter than anybody wants to wait for a registry that is gone.
constexpr absl::Duration kCallTimeout = absl::Seconds(2);

absl::StatusOr<directory::Introspection> Describe(const std::string& ns, const std::string& id,
                                                  std::uint64_t round) {
  return directory::Introspection::Create(
      {.ns = ns,
       .node_type = kType,
       .node_id = id,
       .capabilities = {{Load::kRound, std::to_string(round)}}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Load>> Load::Start(testbed::Cluster& cluster, const std::string& ns,
                                                  int nodes) {
  std::unique_ptr<Load> load(new Load(ns));
  for (int i = 1; i <= nodes; ++i) {
    auto node = std::make_unique<Node>();
    node->id = fmt::format("load-{:03}", i);
    OMNI_ASSIGN_OR_RETURN(const auto description, Describe(ns, node->id, 0));
    OMNI_ASSIGN_OR_RETURN(node->member, cluster.JoinNode(description));
    OMNI_RETURN_IF_ERROR(load->Round(*node));
    load->nodes_.push_back(std::move(node));
  }
  for (const auto& node : load->nodes_) {
    load->threads_.emplace_back([raw = load.get(), &node = *node] { raw->Run(node); });
  }
  return load;
}

Load::~Load() {
  Stop();
  Join();
}

void Load::Stop() { stopping_ = true; }

void Load::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Run(Node& node) {
  while (!stopping_) {
    const absl::Status status = Round(node);
    if (status.ok()) continue;
    MutexLock lock(mutex_);
    failures_.push_back(Annotate(status, fmt::format("{}, round {}", node.id, node.round)));
    return;
  }
}

absl::Status Load::Round(Node& node) {
  OMNI_ASSIGN_OR_RETURN(const auto description, Describe(ns_, node.id, ++node.round));
  testbed::Member& member = *node.member;
  OMNI_ASSIGN_OR_RETURN(const std::string envelope,
                        member.Seal(description, member.NextSequence()));
  OMNI_ASSIGN_OR_RETURN(const node::RegisterAnswer answer,
                        member.registry().Register(envelope, kCallTimeout));
  MutexLock lock(mutex_);
  acknowledged_.push_back({node.id, node.round, answer.registration.position});
  return absl::OkStatus();
}

absl::Status Load::OneMoreRound(absl::Duration timeout) {
  for (const auto& node : nodes_) {
    OMNI_RETURN_IF_ERROR(testbed::Eventually(timeout, [&] { return Round(*node); }));
  }
  return absl::OkStatus();
}

absl::Status Load::Leave() {
  for (const auto& node : nodes_) {
    testbed::Member& member = *node->member;
    OMNI_ASSIGN_OR_RETURN(const std::string tombstone,
                          member.SealTombstone(member.NextSequence(), "the load is over"));
    OMNI_RETURN_IF_ERROR(member.registry().Deregister(tombstone).status());
  }
  return absl::OkStatus();
}

std::vector<Acknowledged> Load::acknowledged() const {
  MutexLock lock(mutex_);
  return acknowledged_;
}

std::vector<absl::Status> Load::failures() const {
  MutexLock lock(mutex_);
  return failures_;
}

std::vector<std::string> Load::serials() const {
  std::vector<std::string> serials;
  for (const auto& node : nodes_) serials.push_back(node->member->svid()->leaf().serial_hex());
  return serials;
}

}  // namespace omninode::quickstart
