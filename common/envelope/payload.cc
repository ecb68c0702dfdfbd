#include "common/envelope/payload.h"

#include "common/base/status.h"
#include "common/envelope/introspection_codec.h"
#include "common/envelope/message_rules.h"
#include "common/envelope/parse_scanned.h"

namespace omninode::envelope {

std::string EncodeIntrospection(const directory::Introspection& introspection) {
  return Encode(introspection).SerializeAsString();
}

absl::StatusOr<directory::Introspection> DecodeIntrospection(std::string_view payload,
                                                             Strictness strictness) {
  OMNI_ASSIGN_OR_RETURN(const auto message, ParseScanned<v1::NodeIntrospection>(
                                                payload, kIntrospectionRule, strictness));
  return Decode(message);
}

std::string EncodeTombstone(const TombstonePayload& tombstone) {
  return Encode(tombstone).SerializeAsString();
}

absl::StatusOr<TombstonePayload> DecodeTombstone(std::string_view payload, Strictness strictness) {
  OMNI_ASSIGN_OR_RETURN(const auto message,
                        ParseScanned<v1::NodeTombstone>(payload, kTombstoneRule, strictness));
  return Decode(message);
}

}  // namespace omninode::envelope
