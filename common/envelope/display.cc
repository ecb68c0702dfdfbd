#include "common/envelope/display.h"

#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/field_path.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/pem.h"
#include "common/envelope/envelope_body.h"
#include "common/envelope/introspection_codec.h"
#include "common/envelope/payload.h"

namespace omninode::envelope {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  // as a person reads it

struct AlgorithmName {
  crypto::SignatureAlgorithm algorithm;
  std::string_view name;
};

constexpr auto kAlgorithmNames = std::to_array<AlgorithmName>({
    {crypto::SignatureAlgorithm::kSha256WithRsa, "SHA256withRSA"},
    {crypto::SignatureAlgorithm::kSha256WithEcdsa, "SHA256withECDSA"},
    {crypto::SignatureAlgorithm::kEd25519, "Ed25519"},
});

std::string_view DisplayName(crypto::SignatureAlgorithm algorithm) {
  for (const AlgorithmName& row : kAlgorithmNames) {
    if (row.algorithm == algorithm) return row.name;
  }
  OMNI_CHECK(false);
}

absl::StatusOr<crypto::SignatureAlgorithm> ParseAlgorithm(std::string_view name) {
  for (const AlgorithmName& row : kAlgorithmNames) {
    if (row.name == name) return row.algorithm;
  }
  return Reject(Reason::kAlgRejected, "'{}' is not a signature algorithm of envelopes",
                EscapeForDisplay(name, 64));
}

absl::StatusOr<OrderedJson> MessageToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) {
    return Error(absl::StatusCode::kInternal, "cannot show a {}", message.GetTypeName());
  }
  return OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
}

absl::StatusOr<OrderedJson> PayloadToJson(const Body& body) {
  switch (body.type) {
    case EventType::kNodeIntrospection: {
      OMNI_ASSIGN_OR_RETURN(const auto introspection,
                            DecodeIntrospection(body.payload, Strictness::kIgnoreUnknown));
      return MessageToJson(Encode(introspection));
    }
    case EventType::kNodeTombstone: {
      OMNI_ASSIGN_OR_RETURN(const auto tombstone,
                            DecodeTombstone(body.payload, Strictness::kIgnoreUnknown));
      return MessageToJson(Encode(tombstone));
    }
  }
  OMNI_CHECK(false);
}

absl::StatusOr<OrderedJson> ToJson(const RawEnvelope& envelope) {
  OMNI_ASSIGN_OR_RETURN(const Body body, DecodeBody(envelope.body, Strictness::kIgnoreUnknown));
  auto payload = PayloadToJson(body);
  if (!payload.ok()) return AtField(payload.status(), "payload");
  OrderedJson json;
  json["envelope_version"] = kEnvelopeVersion;
  json["event_id"] = body.event_id;
  json["event_type"] = NameOf(body.type);
  json["timestamp"] = omninode::FormatTime(body.timestamp);
  json["audience"]["network_id"] = body.audience.network_id.value();
  json["audience"]["namespace"] = body.audience.ns.value();
  json["sequence"] = body.sequence;
  json["correlation_id"] = body.correlation_id;
  OrderedJson& security = json["security"];
  security["spiffe_id"] = envelope.spiffe_id;
  security["svid_certificate"] = crypto::CertificatesToPem(envelope.certificates_der);
  security["signature"] = Base64Encode(envelope.signature);
  security["signature_algorithm"] = DisplayName(envelope.algorithm);
  security["signed_at"] = omninode::FormatTime(body.signed_at);
  json["payload"] = *std::move(payload);
  json["body"] = Base64Encode(envelope.body);
  return json;
}

// Refuses what two readers could understand differently: of a name that appears twice, one shows
// the first value and the other verifies the last.
absl::StatusOr<Json> ParseObject(std::string_view text) {
  if (text.size() > kMaxDisplayBytes) {
    return Reject(Reason::kMsgTooLarge, "{} bytes, at most {} are allowed", text.size(),
                  kMaxDisplayBytes);
  }
  bool repeated = false;
  std::vector<std::set<std::string>> names;  // of the objects around the current place
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      repeated |= !names.back().insert(value.get<std::string>()).second;
    }
    return true;
  };
  Json json = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    return Reject(Reason::kMsgMalformed, "not a JSON object");
  }
  if (repeated) return Reject(Reason::kMsgMalformed, "a name appears twice");
  return json;
}

absl::StatusOr<std::string> StringAt(const Json& object, const char* name) {
  const auto item = object.find(name);
  if (item == object.end() || !item->is_string()) {
    return AtField(Reject(Reason::kMsgMalformed, "missing, or not a string"), name);
  }
  return item->get<std::string>();
}

absl::StatusOr<std::string> BytesAt(const Json& object, const char* name) {
  OMNI_ASSIGN_OR_RETURN(const std::string text, StringAt(object, name));
  auto bytes = Base64Decode(text);
  if (!bytes) return AtField(Reject(Reason::kMsgMalformed, "not base64"), name);
  return *std::move(bytes);
}

absl::StatusOr<std::vector<std::string>> CertificatesAt(const Json& security) {
  OMNI_ASSIGN_OR_RETURN(const std::string pem, StringAt(security, "svid_certificate"));
  if (pem.empty()) return std::vector<std::string>();
  auto ders = crypto::CertificatesFromPem(pem);
  if (!ders.ok()) {
    return AtField(Reject(Reason::kMsgMalformed, "{}", Message(ders.status())), "svid_certificate");
  }
  return ders;
}

absl::StatusOr<RawEnvelope> ParseSecurity(const Json& security) {
  RawEnvelope envelope;
  OMNI_ASSIGN_OR_RETURN(envelope.spiffe_id, StringAt(security, "spiffe_id"));
  OMNI_ASSIGN_OR_RETURN(envelope.certificates_der, CertificatesAt(security));
  OMNI_ASSIGN_OR_RETURN(envelope.signature, BytesAt(security, "signature"));
  OMNI_ASSIGN_OR_RETURN(const auto name, StringAt(security, "signature_algorithm"));
  auto algorithm = ParseAlgorithm(name);
  if (!algorithm.ok()) return AtField(algorithm.status(), "signature_algorithm");
  envelope.algorithm = *algorithm;
  return envelope;
}

}  // namespace

absl::StatusOr<std::string> ToDisplay(const RawEnvelope& envelope) {
  OMNI_ASSIGN_OR_RETURN(const OrderedJson json, ToJson(envelope));
  return json.dump(2, ' ', /*ensure_ascii=*/true, OrderedJson::error_handler_t::replace) + "\n";
}

absl::StatusOr<RawEnvelope> ParseDisplay(std::string_view text) {
  OMNI_ASSIGN_OR_RETURN(const Json json, ParseObject(text));
  OMNI_ASSIGN_OR_RETURN(const std::string version, StringAt(json, "envelope_version"));
  if (version != kEnvelopeVersion) {
    return AtField(Reject(Reason::kMsgMalformed, "'{}' is not '{}'", EscapeForDisplay(version, 64),
                          kEnvelopeVersion),
                   "envelope_version");
  }
  const auto security = json.find("security");
  if (security == json.end() || !security->is_object()) {
    return AtField(Reject(Reason::kMsgMalformed, "missing, or not an object"), "security");
  }
  auto envelope = ParseSecurity(*security);
  if (!envelope.ok()) return AtField(envelope.status(), "security");
  OMNI_ASSIGN_OR_RETURN(envelope->body, BytesAt(json, "body"));
  // The bounds are those of the wire; they are judged in one place.
  return DecodeRawEnvelope(EncodeRawEnvelope(*envelope));
}

absl::Status CheckDisplay(std::string_view text, const RawEnvelope& envelope) {
  OMNI_ASSIGN_OR_RETURN(const Json shown, ParseObject(text));
  OMNI_ASSIGN_OR_RETURN(const OrderedJson ordered, ToJson(envelope));
  const Json said = ordered;  // the order of names means nothing
  for (const auto& [name, value] : shown.items()) {
    const auto expected = said.find(name);
    if (expected == said.end() || *expected != value) {
      return AtField(Reject(Reason::kMsgMalformed, "differs from what was signed"),
                     EscapeForDisplay(name, 64));
    }
  }
  return absl::OkStatus();
}

}  // namespace omninode::envelope
