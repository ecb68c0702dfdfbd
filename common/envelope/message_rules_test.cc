#include "common/envelope/message_rules.h"

#include <string>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include "omninode/envelope/v1/introspection.pb.h"
#include "omninode/envelope/v1/signed_envelope.pb.h"
#include "omninode/type/v1/node.pb.h"

namespace omninode::envelope {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

bool KindFits(FieldKind kind, FieldDescriptor::Type type) {
  switch (kind) {
    case FieldKind::kUint64:
      return type == FieldDescriptor::TYPE_UINT64;
    case FieldKind::kInt64:
      return type == FieldDescriptor::TYPE_INT64;
    case FieldKind::kInt32:
      return type == FieldDescriptor::TYPE_INT32;
    case FieldKind::kEnum:
      return type == FieldDescriptor::TYPE_ENUM;
    case FieldKind::kBytes:
      return type == FieldDescriptor::TYPE_BYTES;
    case FieldKind::kText:
    case FieldKind::kName:
      return type == FieldDescriptor::TYPE_STRING;
    case FieldKind::kMessage:
      return type == FieldDescriptor::TYPE_MESSAGE;
  }
  return false;
}

// A field added to a .proto and forgotten in the table would be refused; one with another type
// would be read by protobuf otherwise than it was scanned.
void ExpectDescribes(const MessageRule& rule, const Descriptor* descriptor) {
  SCOPED_TRACE(descriptor->full_name());
  ASSERT_EQ(rule.fields.size(), static_cast<std::size_t>(descriptor->field_count()));
  EXPECT_LE(rule.fields.size(), MessageRule::kMaxFields);
  for (const FieldRule& field : rule.fields) {
    SCOPED_TRACE(field.name);
    const auto* described = descriptor->FindFieldByNumber(static_cast<int>(field.number));
    ASSERT_NE(described, nullptr);
    EXPECT_EQ(described->name(), field.name);
    EXPECT_EQ(described->is_repeated(), field.repeated);
    EXPECT_TRUE(KindFits(field.kind, described->type()));
    ASSERT_EQ(field.message != nullptr, field.kind == FieldKind::kMessage);
    if (field.message != nullptr) ExpectDescribes(*field.message, described->message_type());
  }
}

TEST(MessageRulesTest, DescribeTheProtoFiles) {
  ExpectDescribes(kSignedEnvelopeRule, v1::SignedEnvelope::descriptor());
  ExpectDescribes(kBodyRule, v1::EnvelopeBody::descriptor());
  ExpectDescribes(kIntrospectionRule, v1::NodeIntrospection::descriptor());
  ExpectDescribes(kTombstoneRule, v1::NodeTombstone::descriptor());
}

}  // namespace
}  // namespace omninode::envelope
