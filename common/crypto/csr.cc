#include "common/crypto/csr.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/der_reader.h"
#include "common/crypto/der_writer.h"
#include "common/crypto/oids.h"

// Requests are read by the small DER reader and not by the library's, which would decode (and so
// compute with) a key nobody has judged yet, and costs twice as much.
namespace omninode::crypto {
namespace {

constexpr unsigned kBitKeyCertSign = 5;
constexpr unsigned kBitCrlSign = 6;

absl::Status Malformed() {
  return Reject(Reason::kMsgMalformed, "malformed certification request");
}

absl::Status Forbidden(std::string_view what) {
  return Reject(Reason::kCsrForbiddenExt, "the certification request asks for {}", what);
}

struct Request {
  std::string_view info;  // the signed part, tag and length included
  std::string_view spki;
  std::string_view attributes;  // content of the set
  std::string_view algorithm;   // AlgorithmIdentifier, tag and length included
  std::string_view signature;
};

std::optional<Request> Split(std::string_view der) {
  DerReader outer(der);
  const auto request = outer.Expect(kDerSequence);
  if (!request.has_value() || !outer.AtEnd()) return std::nullopt;
  DerReader parts(request->content);
  const auto info = parts.Expect(kDerSequence);
  const auto algorithm = parts.Expect(kDerSequence);
  const auto signature = parts.Expect(kDerBitString);
  if (!parts.AtEnd()) return std::nullopt;
  DerReader fields(info->content);
  const auto version = fields.Expect(kDerInteger);
  fields.Expect(kDerSequence);  // the subject: whatever it says, it is not used
  const auto spki = fields.Expect(kDerSequence);
  const auto attributes = fields.TryTake(DerContext(0, true));
  const auto signature_bytes = DerBitStringBytes(*signature);
  if (!fields.AtEnd() || version->content != std::string_view("\0", 1) ||
      !signature_bytes.has_value()) {
    return std::nullopt;
  }
  return Request{info->whole, spki->whole,
                 attributes.has_value() ? attributes->content : std::string_view(),
                 algorithm->whole, *signature_bytes};
}

bool HasBit(std::string_view bit_string, unsigned bit) {
  const std::size_t index = 1 + bit / 8;
  return index < bit_string.size() &&
         (static_cast<std::uint8_t>(bit_string[index]) & (0x80U >> (bit % 8))) != 0;
}

absl::Status CheckBasicConstraints(std::string_view value) {
  DerReader outer(value);
  const auto sequence = outer.Expect(kDerSequence);
  if (!outer.AtEnd()) return Malformed();
  DerReader fields(sequence->content);
  const auto ca = fields.TryTake(kDerBoolean);
  if (ca.has_value() && ca->content != std::string_view("\0", 1)) return Forbidden("cA=true");
  return absl::OkStatus();
}

absl::Status CheckKeyUsage(std::string_view value) {
  DerReader outer(value);
  const auto bits = outer.Expect(kDerBitString);
  if (!outer.AtEnd()) return Malformed();
  if (HasBit(bits->content, kBitKeyCertSign)) return Forbidden("keyCertSign");
  if (HasBit(bits->content, kBitCrlSign)) return Forbidden("cRLSign");
  return absl::OkStatus();
}

absl::Status CheckExtension(std::string_view content) {
  DerReader fields(content);
  const auto oid = fields.Expect(kDerOid);
  const auto critical = fields.TryTake(kDerBoolean);
  const auto value = fields.Expect(kDerOctetString);
  if (!fields.AtEnd()) return Malformed();
  if (oid->content == kOidBasicConstraints) return CheckBasicConstraints(value->content);
  if (oid->content == kOidKeyUsage) return CheckKeyUsage(value->content);
  // Asked for, understood, and ignored.
  constexpr std::array kIgnored{kOidSubjectAltName, kOidExtKeyUsage, kOidSubjectKeyId};
  const bool known = std::find(kIgnored.begin(), kIgnored.end(), oid->content) != kIgnored.end();
  if (!known && critical.has_value() && critical->content != std::string_view("\0", 1)) {
    return Forbidden("an unknown critical extension");
  }
  return absl::OkStatus();
}

absl::Status CheckExtensions(std::string_view value) {
  DerReader outer(value);
  const auto extensions = outer.Expect(kDerSequence);
  if (!outer.AtEnd()) return Malformed();
  DerReader list(extensions->content);
  while (const auto extension = list.TryTake(kDerSequence)) {
    OMNI_RETURN_IF_ERROR(CheckExtension(extension->content));
  }
  return list.AtEnd() ? absl::OkStatus() : Malformed();
}

// Every extension request counts, should there be several.
absl::Status CheckAttributes(std::string_view content) {
  DerReader attributes(content);
  while (const auto attribute = attributes.TryTake(kDerSequence)) {
    DerReader fields(attribute->content);
    const auto oid = fields.Expect(kDerOid);
    const auto values = fields.Expect(kDerSet);
    if (!fields.AtEnd()) return Malformed();
    if (oid->content != kOidExtensionRequest) continue;
    DerReader list(values->content);
    while (const auto value = list.TryTake(kDerSequence)) {
      OMNI_RETURN_IF_ERROR(CheckExtensions(value->whole));
    }
    if (!list.AtEnd()) return Malformed();
  }
  return attributes.AtEnd() ? absl::OkStatus() : Malformed();
}

}  // namespace

std::string MakeCsr(const PrivateKey& key) {
  const std::string info =
      DerSequenceOf({DerSmallInteger(0), DerWrap(kDerSequence, ""), key.public_key().spki_der(),
                     DerWrap(DerContext(0, true), "")});
  return DerSequenceOf({info, SignatureAlgorithmIdentifier(SignatureAlgorithmFor(key.algorithm())),
                        DerBitStringOf(key.Sign(info))});
}

absl::StatusOr<PublicKey> CheckCsr(std::string_view der) {
  if (der.size() > kMaxCsrBytes) {
    return Reject(Reason::kMsgTooLarge, "certification request of {} bytes, at most {} are allowed",
                  der.size(), kMaxCsrBytes);
  }
  const std::optional<Request> request = Split(der);
  if (!request.has_value()) return Malformed();
  OMNI_ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromSpki(request->spki));
  OMNI_RETURN_IF_ERROR(CheckAttributes(request->attributes));
  const SignatureAlgorithm algorithm = SignatureAlgorithmFor(key.algorithm());
  if (request->algorithm != SignatureAlgorithmIdentifier(algorithm) ||
      !key.Verify(algorithm, request->info, request->signature).ok()) {
    return Reject(Reason::kCsrBadPop, "the certification request is not signed by its own key");
  }
  return key;
}

}  // namespace omninode::crypto
