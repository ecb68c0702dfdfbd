#include <fstream>

#include <gtest/gtest.h>

#include "common/base/status.h"
#include "common/envelope/raw_envelope.h"
#include "common/envelope/test_wire.h"
#include "google/protobuf/any.pb.h"
#include "omninode/registry/v1/topology_service.pb.h"
#include "tests/integration/rejections/calls.h"
#include "tests/integration/rejections/letter.h"
#include "tests/integration/rejections/newcomer.h"
#include "tests/integration/rejections/runners.h"

// T17 too large, T18 malformed, T21 what the signed words may not have.
namespace omninode::rejections {
namespace {

using envelope::testing::Bytes;
using envelope::testing::BytesField;
using envelope::testing::NumberField;
using envelope::testing::Tag;
using envelope::testing::Varint;

constexpr std::uint64_t kTwoGib = std::uint64_t{1} << 31;
const char* const kRegister = "omninode.registry.v1.RegistryService/Register";

// The bytes of a request of any RPC.
Runner Request(std::string_view method, const std::function<std::string()>& bytes) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    outcome.status = CallRaw(world.Registry(node), method, bytes()).status;
  };
}

// The bytes of an envelope, from a sound one.
Runner Envelope(const std::function<std::string(SignedEnvelope)>& bytes) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    outcome.status = Register(world, node, bytes(Registration(world, node)));
  };
}

// The bytes of a body, from a sound one; they are honestly signed.
Runner SignedBody(const std::function<std::string(EnvelopeBody)>& bytes) {
  return [=](World& world, Outcome& outcome) {
    const Actor node = world.NewNode();
    outcome.peer = node.spiffe_id;
    const EnvelopeBody body = BodyOf(world, node, WordsOf(world, node));
    outcome.status = Register(world, node, Sign(node, bytes(body)));
  };
}

// The same for the words in it.
Runner SignedWords(const std::function<std::string(const std::string&)>& change) {
  return SignedBody([=](EnvelopeBody body) {
    body.set_payload(change(body.payload()));
    return body.SerializeAsString();
  });
}

std::uint64_t PeakBytes(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/status", pid));
  for (std::string word; file >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && file >> kib) return kib * 1024;
  }
  return 0;
}

// A length of 2 GiB is announced and nothing is allocated for it.
Runner WithoutAllocation(const Runner& runner) {
  return [=](World& world, Outcome& outcome) {
    const pid_t registry = world.cluster().registry().pid();
    const std::uint64_t before = PeakBytes(registry);
    runner(world, outcome);
    EXPECT_GT(before, 0u);
    EXPECT_LT(PeakBytes(registry), before + kTwoGib / 8);
  };
}

std::string Padding(std::size_t size) { return std::string(size, 'x'); }

void AddEnvelopeSizes(Runners& rows) {
  rows["T17.envelope_one_byte_over"] =
      Request(kRegister, [] { return BytesField(1, Padding(envelope::kMaxEnvelopeBytes + 1)); });
  rows["T17.body_one_byte_over"] = Envelope([](SignedEnvelope envelope) {
    envelope.set_body(Padding(envelope::kMaxBodyBytes + 1));
    return envelope.SerializeAsString();
  });
  rows["T17.body_at_the_limit"] = Envelope([](SignedEnvelope envelope) {
    envelope.set_body(Padding(envelope::kMaxBodyBytes));
    return envelope.SerializeAsString();
  });
  rows["T17.signature_one_byte_over"] = Envelope([](SignedEnvelope envelope) {
    envelope.mutable_security()->set_signature(Padding(envelope::kMaxSignatureBytes + 1));
    return envelope.SerializeAsString();
  });
  rows["T17.certificate_one_byte_over"] = Envelope([](SignedEnvelope envelope) {
    envelope.mutable_security()->add_svid_certificates(Padding(envelope::kMaxCertificateBytes + 1));
    return envelope.SerializeAsString();
  });
  rows["T17.length_of_2_gib_in_the_request"] =
      WithoutAllocation(Request(kRegister, [] { return Tag(1, 2) + Varint(kTwoGib) + "short"; }));
  rows["T17.length_of_2_gib_in_the_envelope"] = WithoutAllocation(
      Envelope([](const SignedEnvelope&) { return Tag(2, 2) + Varint(kTwoGib) + "short"; }));
}

void AddOtherSizes(Runners& rows) {
  rows["T17.heartbeat_batch_one_byte_over"] =
      Request("omninode.registry.v1.RegistryService/Heartbeat",
              [] { return BytesField(1, BytesField(15, Padding(64 * 1024 - 7))); });
  rows["T17.watch_request_one_byte_over"] =
      Request("omninode.registry.v1.TopologyService/WatchTopology",
              [] { return BytesField(15, Padding(64 * 1024 - 3)); });
  rows["T17.attestation_step_too_large"] = [](World& world, Outcome& outcome) {
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, {.token_id = "t", .csr = Padding(16 * 1024)});
  };
  rows["T17.signing_request_one_byte_over"] = [](World& world, Outcome& outcome) {
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = Attest(door.address, {.token_id = "t", .csr = Padding(8 * 1024 + 1)});
  };
  rows["T17.frame_above_4_mib"] =
      Request(kRegister, [] { return BytesField(1, Padding(4 * 1024 * 1024)); });
  rows["T17.frame_of_another_rpc_above_its_limit"] =
      Request("omninode.registry.v1.RegistryService/GetNode",
              [] { return BytesField(2, Padding(5 * 1024 * 1024)); });
}

std::string Nested(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes = BytesField(15, bytes);
  return bytes;
}

std::string Groups(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes += Tag(15, 3);
  for (int i = 0; i < depth; ++i) bytes += Tag(15, 4);
  return bytes;
}

std::string AnyInAny(int depth) {
  google::protobuf::Any inner;
  for (int i = 0; i < depth; ++i) {
    google::protobuf::Any outer;
    outer.PackFrom(inner);
    inner = outer;
  }
  return inner.SerializeAsString();
}

void AddShapes(Runners& rows) {
  rows["T18.no_protobuf"] = Request(kRegister, [] { return std::string(64, '\xff'); });
  rows["T18.empty_request"] = Request(kRegister, [] { return std::string(); });
  rows["T18.envelope_cut_off"] = Envelope([](const SignedEnvelope& envelope) {
    const std::string bytes = envelope.SerializeAsString();
    return bytes.substr(0, bytes.size() - 1);
  });
  rows["T18.two_envelopes"] =
      Request(kRegister, [] { return BytesField(1, "one") + BytesField(1, "two"); });
  rows["T18.group_in_the_envelope"] = Envelope(
      [](const SignedEnvelope& envelope) { return envelope.SerializeAsString() + Groups(1); });
  rows["T18.101_groups_in_the_envelope"] = Envelope(
      [](const SignedEnvelope& envelope) { return envelope.SerializeAsString() + Groups(101); });
  rows["T18.overlong_number"] = Envelope([](const SignedEnvelope& envelope) {
    return envelope.SerializeAsString() +
           Bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
  });
  rows["T18.field_number_zero"] = Envelope([](const SignedEnvelope& envelope) {
    return envelope.SerializeAsString() + Bytes({0x02, 0x00});
  });
  rows["T18.101_levels_in_the_signed_words"] =
      SignedWords([](const std::string& words) { return words + Nested(101); });
  rows["T18.101_groups_in_the_signed_words"] =
      SignedWords([](const std::string& words) { return words + Groups(101); });
  rows["T18.any_in_any"] =
      SignedWords([](const std::string& words) { return words + BytesField(15, AnyInAny(50)); });
  rows["T18.packed_bomb"] = SignedWords([](const std::string& words) {
    return words + BytesField(9, std::string(30'000, '\x01'));  // health, as if it were repeated
  });
  rows["T18.words_that_are_no_message"] =
      SignedWords([](const std::string&) { return std::string("\xff\xff\xff"); });
  rows["T18.100_groups_in_a_watch"] =
      Request("omninode.registry.v1.TopologyService/WatchTopology", [] { return Groups(101); });
  rows["T18.garbage_as_an_attestation_step"] = [](World& world, Outcome& outcome) {
    const World::Door door = world.NewDoor(world.cluster().attestor_address());
    outcome.peer = door.peer;
    outcome.status = CallRaw(Dial(door.address, nullptr),
                             "omninode.bootstrap.v1.AttestationService/Attest", "\xff\xff")
                         .status;
  };
  rows["T18.garbage_for_a_plain_rpc"] =
      Request("omninode.registry.v1.RegistryService/GetNode", [] { return "\xff\xff\xff"; });
}

void AddContents(Runners& rows) {
  rows["T21.unknown_field_in_the_words"] =
      SignedWords([](const std::string& words) { return words + BytesField(11, "new"); });
  rows["T21.unknown_field_in_a_part_of_the_words"] = SignedWords([](const std::string& words) {
    return words + BytesField(7, BytesField(1, "zone") + BytesField(3, "new"));
  });
  rows["T21.unknown_field_in_the_body"] = SignedBody(
      [](const EnvelopeBody& body) { return body.SerializeAsString() + NumberField(10, 1); });
  rows["T21.wrong_wire_type"] =
      SignedWords([](const std::string& words) { return words + NumberField(4, 7); });
  rows["T21.field_twice"] =
      SignedWords([](const std::string& words) { return words + BytesField(4, "2.0"); });
  rows["T21.health_out_of_range"] =
      SignedWords([](const std::string& words) { return words + NumberField(9, 99); });
  rows["T21.negative_enum"] = SignedWords(
      [](const std::string& words) { return words + NumberField(9, ~std::uint64_t{0}); });
  rows["T21.number_that_does_not_fit"] = SignedWords([](const std::string& words) {
    return words + BytesField(10, NumberField(2, std::uint64_t{1} << 40));
  });
  rows["T21.event_type_out_of_range"] = SignedBody([](EnvelopeBody body) {
    body.set_event_type(static_cast<envelope::v1::EventType>(77));
    return body.SerializeAsString();
  });
  rows["T21.another_envelope_version"] = Envelope([](SignedEnvelope envelope) {
    envelope.set_envelope_version("2.0");
    return envelope.SerializeAsString();
  });
}

}  // namespace

void AddMessageRows(Runners& rows) {
  AddEnvelopeSizes(rows);
  AddOtherSizes(rows);
  AddShapes(rows);
  AddContents(rows);
}

}  // namespace omninode::rejections
