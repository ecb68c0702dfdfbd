#include "services/registry/api/request_codec.h"

#include <gtest/gtest.h>

#include "common/base/reason.h"
#include "common/directory/tombstone.h"
#include "common/envelope/raw_envelope.h"
#include "common/envelope/test_wire.h"
#include "omninode/registry/v1/registry_service.pb.h"

namespace omninode::registry {
namespace {

using envelope::testing::BytesField;
using envelope::testing::NumberField;
using envelope::testing::Tag;
using envelope::testing::Varint;

std::optional<Reason> RegisterRefusal(std::string_view bytes) {
  return ReasonOf(DecodeRegisterRequest(bytes).status());
}
std::optional<Reason> DeregisterRefusal(std::string_view bytes) {
  return ReasonOf(DecodeDeregisterRequest(bytes).status());
}
std::string Admin(const std::string& ns, const std::string& id, const std::string& text = {},
                  const std::string& request_id = {}) {
  v1::DeregisterRequest request;
  request.mutable_admin()->set_namespace_(ns);
  request.mutable_admin()->set_node_id(id);
  request.mutable_admin()->set_reason_text(text);
  request.mutable_admin()->set_request_id(request_id);
  return request.SerializeAsString();
}

TEST(RequestCodecTest, HandsTheEnvelopeOnAsItCame) {
  // Not canonical: parsed and written again it would differ.
  const std::string envelope = NumberField(99, 1) + BytesField(2, "body");
  EXPECT_EQ(*DecodeRegisterRequest(BytesField(1, envelope)), envelope);
  EXPECT_EQ(std::get<std::string>(*DecodeDeregisterRequest(BytesField(1, envelope))), envelope);
}

TEST(RequestCodecTest, T2ASecondEnvelopeIsRefused) {
  const std::string twice = BytesField(1, "one") + BytesField(1, "two");
  EXPECT_EQ(RegisterRefusal(twice), Reason::kMsgMalformed);
  EXPECT_EQ(DeregisterRefusal(twice), Reason::kMsgMalformed);
  EXPECT_EQ(RegisterRefusal(BytesField(1, "one") + BytesField(2, "two")), Reason::kMsgMalformed);
}

TEST(RequestCodecTest, AnEnvelopeAndAnAdministratorsWordAreTwoThings) {
  EXPECT_EQ(DeregisterRefusal(BytesField(1, "envelope") + Admin("tenant-a", "w1")),
            Reason::kMsgMalformed);
}

TEST(RequestCodecTest, AnEmptyRequestIsMalformed) {
  EXPECT_EQ(RegisterRefusal(""), Reason::kMsgMalformed);
  EXPECT_EQ(DeregisterRefusal(""), Reason::kMsgMalformed);
}

TEST(RequestCodecTest, OtherShapesAreMalformed) {
  EXPECT_EQ(RegisterRefusal(NumberField(1, 5)), Reason::kMsgMalformed);
  EXPECT_EQ(RegisterRefusal(Tag(1, 3) + Tag(1, 4)), Reason::kMsgMalformed);
  EXPECT_EQ(RegisterRefusal(BytesField(1, "one") + NumberField(7, 1)), Reason::kMsgMalformed);
  EXPECT_EQ(RegisterRefusal(Tag(1, 2) + Varint(5) + "four"), Reason::kMsgMalformed);
}

// T17: a length prefix of 2 GiB allocates nothing.
TEST(RequestCodecTest, AnEnvelopeHasABound) {
  const std::string most(envelope::kMaxEnvelopeBytes, 'x');
  EXPECT_TRUE(DecodeRegisterRequest(BytesField(1, most)).ok());
  EXPECT_EQ(RegisterRefusal(BytesField(1, most + "x")), Reason::kMsgTooLarge);
  EXPECT_EQ(DeregisterRefusal(BytesField(1, most + "x")), Reason::kMsgTooLarge);
  EXPECT_LE(BytesField(1, most).size(), kMaxEnvelopeRequestBytes);
  const auto huge = RegisterRefusal(Tag(1, 2) + Varint(std::uint64_t{2} << 30));
  EXPECT_TRUE(huge == Reason::kMsgTooLarge || huge == Reason::kMsgMalformed);
}

TEST(RequestCodecTest, AnAdministratorsWord) {
  const auto word = DecodeDeregisterRequest(Admin("tenant-a", "w1", "maintenance", "r-1"));
  const auto& removal = std::get<AdminRemoval>(*word);
  EXPECT_EQ(removal.node.ns.value(), "tenant-a");
  EXPECT_EQ(removal.node.id.value(), "w1");
  EXPECT_EQ(removal.reason_text, "maintenance");
  EXPECT_EQ(removal.request_id, "r-1");
}

TEST(RequestCodecTest, AnAdministratorsWordHasBounds) {
  const std::string text(directory::kMaxReasonTextBytes, 'x');
  EXPECT_TRUE(DecodeDeregisterRequest(Admin("tenant-a", "w1", text)).ok());
  EXPECT_EQ(DeregisterRefusal(Admin("tenant-a", "w1", text + "x")), Reason::kArgumentInvalid);
  EXPECT_TRUE(DecodeDeregisterRequest(Admin("tenant-a", "w1", "", std::string(64, 'r'))).ok());
  EXPECT_EQ(DeregisterRefusal(Admin("tenant-a", "w1", "", std::string(65, 'r'))),
            Reason::kArgumentInvalid);
  EXPECT_EQ(DeregisterRefusal(BytesField(2, std::string(1025, 'x'))), Reason::kMsgTooLarge);
  EXPECT_EQ(DeregisterRefusal(BytesField(2, std::string(1024, '\xff'))), Reason::kMsgMalformed);
}

TEST(RequestCodecTest, AnAdministratorsNamesAreChecked) {
  EXPECT_EQ(DeregisterRefusal(Admin("Tenant", "w1")), Reason::kNameInvalid);
  EXPECT_EQ(DeregisterRefusal(Admin("tenant-a", "")), Reason::kNameInvalid);
  EXPECT_TRUE(DeregisterRefusal(Admin("tenant-a", "w1", "a\nb")).has_value());
}

}  // namespace
}  // namespace omninode::registry
