#include <gtest/gtest.h>

#include "common/crypto/random.h"
#include "common/envelope/dsse.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/runners.h"

// T10 replays, T12 and T13 the same number again, T14 signed for something else.
namespace omninode::rejections {
namespace {

using registry::v1::DeregisterRequest;
using registry::v1::DeregisterResponse;
using registry::v1::RegisterResponse;

constexpr char kDeregister[] = "omninode.registry.v1.RegistryService/Deregister";

std::uint64_t Head(World& world) {
  const auto ns = NamespaceName::Parse(kTenant);
  const auto found = world.cluster().admin().registry().GetNamespace(*ns);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? found->position.version : 0;
}

// The same message again, by `sender`, is answered as the first time and makes no version.
void ExpectSameAnswer(World& world, const Actor& first_sender, const SignedEnvelope& first,
                      const Actor& sender, const SignedEnvelope& again, Outcome& outcome) {
  RegisterResponse before;
  RegisterResponse after;
  ASSERT_TRUE(Register(world, first_sender, first, &before).ok());
  const std::uint64_t head = Head(world);
  outcome.status = Register(world, sender, again, &after);
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  EXPECT_NE(before.lease().key(), "");
  EXPECT_EQ(Head(world), head);
}

void AddReplays(Runners& rows) {
  rows["T10.own_retry"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const SignedEnvelope envelope = Registration(world, node);
    ExpectSameAnswer(world, node, envelope, node, envelope, outcome);
  };
  rows["T10.own_retry_signed_again"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    const SignedEnvelope first = Sign(node, body);
    body.set_event_id(crypto::RandomUuid());
    ExpectSameAnswer(world, node, first, node, Sign(node, body), outcome);
  };
  rows["T10.retry_by_the_agent_that_registered"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    const SignedEnvelope envelope = Registration(world, world.NewNode());
    ExpectSameAnswer(world, agent, envelope, agent, envelope, outcome);
  };
  rows["T10.by_another_agent"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    const SignedEnvelope envelope = Registration(world, world.NewNode());
    ASSERT_TRUE(Register(world, world.NewAgent(), envelope).ok());
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, envelope);
  };
  rows["T10.tombstone_by_another_agent"] = [](World& world, Outcome& outcome) {
    const Actor agent = world.NewAgent();
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    const SignedEnvelope goodbye = Tombstone(world, node);
    ASSERT_TRUE(Deregister(world, node, goodbye).ok());
    outcome.peer = agent.spiffe_id;
    outcome.status = Deregister(world, agent, goodbye);
  };
  rows["T10.lower_sequence"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const SignedEnvelope old = Registration(world, node);
    const EnvelopeBody latest = BodyOf(world, node, WordsOf(world, node));
    ASSERT_TRUE(Register(world, node, old).ok());
    ASSERT_TRUE(Register(world, node, Sign(node, latest)).ok());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, old);
    EXPECT_EQ(DetailOf(outcome.status).metadata,
              "last_sequence=" + std::to_string(latest.sequence()) + " ");
  };
  rows["T10.lower_sequence_by_an_agent"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const Actor agent = world.NewAgent();
    const SignedEnvelope old = Registration(world, node);
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    outcome.peer = agent.spiffe_id;
    outcome.status = Register(world, agent, old);
    // The last sequence is told to nobody else.
    EXPECT_EQ(DetailOf(outcome.status).metadata, "");
  };
  rows["T10.registration_after_the_tombstone"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const SignedEnvelope old = Registration(world, node);
    ASSERT_TRUE(Register(world, node, old).ok());
    ASSERT_TRUE(Deregister(world, node, Tombstone(world, node)).ok());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, old);
    const auto topology =
        world.cluster().admin().registry().GetTopology(*NamespaceName::Parse(kTenant));
    ASSERT_TRUE(topology.ok()) << topology.status();
    for (const auto& live : topology->nodes) {
      EXPECT_FALSE(node.spiffe_id.ends_with("/" + live.view->node_id().value()));
    }
  };
}

DeregisterRequest Removal(const std::string& node, const std::string& words,
                          const std::string& request_id) {
  DeregisterRequest request;
  request.mutable_admin()->set_namespace_(std::string(kTenant));
  request.mutable_admin()->set_node_id(node.substr(node.rfind('/') + 1));
  request.mutable_admin()->set_reason_text(words);
  request.mutable_admin()->set_request_id(request_id);
  return request;
}

void AddReusedNumbers(Runners& rows) {
  rows["T12.same_sequence_other_words"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    ASSERT_TRUE(Register(world, node, Sign(node, body)).ok());
    body.set_payload(WordsOf(world, node).SerializeAsString());
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
  rows["T12.same_sequence_other_purpose"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    ASSERT_TRUE(Register(world, node, Sign(node, body)).ok());
    EnvelopeBody goodbye = BodyOf(world, node, GoodbyeOf(node));
    goodbye.set_sequence(body.sequence());
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, Sign(node, goodbye));
  };
  rows["T12.same_request_id_other_request"] = [](World& world, Outcome& outcome) {
    const Actor admin = world.NewAdmin();
    const Actor node = world.NewNode();
    ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
    const std::string id = crypto::RandomUuid();
    const auto way = world.Registry(admin);
    ASSERT_TRUE(CallOnce(way, kDeregister, Removal(node.spiffe_id, "one", id)).ok());
    outcome.peer = admin.spiffe_id;
    outcome.status = CallOnce(way, kDeregister, Removal(node.spiffe_id, "two", id));
  };
  rows["T13.same_request_id_of_another_administrator"] = [](World& world, Outcome& outcome) {
    const std::string id = crypto::RandomUuid();
    for (const Actor& admin :
         {world.NewAdmin(), world.authority().Issue("/ns/tenant-a/admin/" + world.NewName())}) {
      const Actor node = world.NewNode();
      ASSERT_TRUE(Register(world, node, Registration(world, node)).ok());
      DeregisterResponse answer;
      outcome.status = CallOnce(world.Registry(admin), kDeregister,
                                Removal(node.spiffe_id, admin.spiffe_id, id), &answer);
      EXPECT_EQ(answer.tombstone().actor(), admin.spiffe_id);
      EXPECT_TRUE(node.spiffe_id.ends_with("/" + answer.tombstone().node_id()));
    }
  };
  rows["T13.same_sequence_of_another_node"] = [](World& world, Outcome& outcome) {
    const std::uint64_t sequence = world.NextSequence();
    for (int i = 0; i < 2; ++i) {
      const Actor node = world.NewNode();
      EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
      body.set_sequence(sequence);
      outcome.status = Register(world, node, Sign(node, body));
      ASSERT_TRUE(outcome.status.ok()) << outcome.status.error_message();
    }
  };
}

// A node signs for somebody else what it then sends to us.
Runner AddressedTo(const std::function<void(EnvelopeBody&)>& change) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    change(body);
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Sign(node, body));
  };
}

void AddAudiences(Runners& rows) {
  rows["T14.another_network"] = AddressedTo(
      [](EnvelopeBody& body) { body.mutable_audience()->set_network_id("somewhere-else"); });
  rows["T14.another_namespace"] = AddressedTo([](EnvelopeBody& body) {
    body.mutable_audience()->set_namespace_(std::string(kOtherTenant));
  });
  rows["T14.tombstone_sent_to_register"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, Tombstone(world, node));
  };
  rows["T14.registration_sent_to_deregister"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    const SignedEnvelope envelope = Registration(world, node);
    ASSERT_TRUE(Register(world, node, envelope).ok());
    outcome.peer = node.spiffe_id;
    outcome.status = Deregister(world, node, envelope);
  };
  rows["T14.signed_as_another_kind_of_document"] = [](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    SignedEnvelope envelope = Registration(world, node);
    envelope.mutable_security()->set_signature(node.key.Sign(
        envelope::PreAuthenticationEncoding("application/vnd.in-toto+json", envelope.body())));
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, envelope);
  };
}

}  // namespace

void AddSequenceRows(Runners& rows) {
  AddReplays(rows);
  AddReusedNumbers(rows);
  AddAudiences(rows);
}

}  // namespace omninode::rejections
