#include "common/crypto/certificate.h"

#include <ctime>
#include <string_view>
#include <utility>

#include <openssl/x509v3.h>

#include "common/base/check.h"
#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/certificate_rep.h"

namespace omninode::crypto {
namespace {

constexpr std::size_t kMaxSerialBytes = 20;  // RFC 5280 4.1.2.2

using BioPtr = std::unique_ptr<BIO, SslFree<BIO_free_all>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, SslFree<GENERAL_NAMES_free>>;
using BasicConstraintsPtr = std::unique_ptr<BASIC_CONSTRAINTS, SslFree<BASIC_CONSTRAINTS_free>>;
using BitStringPtr = std::unique_ptr<ASN1_BIT_STRING, SslFree<ASN1_BIT_STRING_free>>;
using ExtKeyUsagePtr = std::unique_ptr<EXTENDED_KEY_USAGE, SslFree<EXTENDED_KEY_USAGE_free>>;
using OctetStringPtr = std::unique_ptr<ASN1_OCTET_STRING, SslFree<ASN1_OCTET_STRING_free>>;
using AuthorityKeyIdPtr = std::unique_ptr<AUTHORITY_KEYID, SslFree<AUTHORITY_KEYID_free>>;

absl::Status Malformed(std::string_view what) {
  return Reject(Reason::kCertProfile, "certificate: {}", what);
}

std::string_view BytesOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// An extension of the certificate, decoded. Null when absent; an error when malformed or present
// twice, because two readers could then see two different certificates.
template <typename Ptr>
absl::StatusOr<Ptr> Extension(const X509* x509, int nid, bool* critical = nullptr) {
  int state = 0;
  Ptr extension(static_cast<typename Ptr::pointer>(X509_get_ext_d2i(x509, nid, &state, nullptr)));
  if (extension == nullptr && state != -1) {
    return Reject(Reason::kCertProfile, "certificate: extension {} is malformed or duplicated",
                  OBJ_nid2sn(nid));
  }
  if (critical != nullptr) *critical = state == 1;
  return extension;
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Malformed("bad validity time");
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string TextOf(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string DerOf(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
  return {reinterpret_cast<const char*>(der), size};
}

absl::StatusOr<std::string> SerialOf(const X509* x509) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  const std::string_view bytes = BytesOf(serial);
  if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER || bytes.size() > kMaxSerialBytes) {
    return Malformed("serial number must be positive and at most 20 bytes long");
  }
  return HexEncode(bytes);
}

absl::StatusOr<PublicKey> PublicKeyOf(const X509* x509) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &encoded);
  if (size <= 0) return Malformed("no public key");
  const std::string spki(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
  OPENSSL_free(encoded);
  absl::StatusOr<PublicKey> key = PublicKey::FromSpki(spki);
  if (!key.ok()) return Malformed(Message(key.status()));
  return key;
}

}  // namespace

absl::Status Certificate::Rep::ReadBasics() {
  // Decodes the library's own view of the extensions now, so that later use only reads.
  if (X509_check_purpose(x509.get(), -1, 0) != 1 ||
      (X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0) {
    return Malformed("invalid extensions");
  }
  unknown_critical_extension = (X509_get_extension_flags(x509.get()) & EXFLAG_CRITICAL) != 0;
  OMNI_ASSIGN_OR_RETURN(serial_hex, SerialOf(x509.get()));
  OMNI_ASSIGN_OR_RETURN(not_before, TimeOf(X509_get0_notBefore(x509.get())));
  OMNI_ASSIGN_OR_RETURN(not_after, TimeOf(X509_get0_notAfter(x509.get())));
  subject = TextOf(X509_get_subject_name(x509.get()));
  issuer = TextOf(X509_get_issuer_name(x509.get()));
  subject_der = DerOf(X509_get_subject_name(x509.get()));
  public_key = PublicKeyOf(x509.get());
  return absl::OkStatus();
}

absl::Status Certificate::Rep::ReadAlternativeNames() {
  OMNI_ASSIGN_OR_RETURN(const auto names,
                        Extension<GeneralNamesPtr>(x509.get(), NID_subject_alt_name));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      uri_sans.emplace_back(BytesOf(name->d.uniformResourceIdentifier));
    } else if (name->type == GEN_DNS) {
      dns_sans.emplace_back(BytesOf(name->d.dNSName));
    } else {
      ++other_san_count;
    }
  }
  return absl::OkStatus();
}

absl::Status Certificate::Rep::ReadUsage() {
  OMNI_ASSIGN_OR_RETURN(const auto constraints,
                        Extension<BasicConstraintsPtr>(x509.get(), NID_basic_constraints));
  is_ca = constraints != nullptr && constraints->ca != 0;

  bool critical = false;
  OMNI_ASSIGN_OR_RETURN(const auto usage,
                        Extension<BitStringPtr>(x509.get(), NID_key_usage, &critical));
  if (usage != nullptr) {
    const auto bit = [&](int number) { return ASN1_BIT_STRING_get_bit(usage.get(), number) == 1; };
    key_usage = KeyUsage{critical, bit(0), bit(5), bit(6)};
  }

  OMNI_ASSIGN_OR_RETURN(const auto extended,
                        Extension<ExtKeyUsagePtr>(x509.get(), NID_ext_key_usage));
  if (extended != nullptr) {
    ext_key_usage.emplace();
    for (int i = 0; i < sk_ASN1_OBJECT_num(extended.get()); ++i) {
      const int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(extended.get(), i));
      ext_key_usage->server_auth |= nid == NID_server_auth;
      ext_key_usage->client_auth |= nid == NID_client_auth;
    }
  }
  return absl::OkStatus();
}

absl::Status Certificate::Rep::ReadKeyIds() {
  OMNI_ASSIGN_OR_RETURN(const auto own,
                        Extension<OctetStringPtr>(x509.get(), NID_subject_key_identifier));
  if (own != nullptr) subject_key_id = HexEncode(BytesOf(own.get()));
  OMNI_ASSIGN_OR_RETURN(const auto above,
                        Extension<AuthorityKeyIdPtr>(x509.get(), NID_authority_key_identifier));
  if (above != nullptr && above->keyid != nullptr) {
    authority_key_id = HexEncode(BytesOf(above->keyid));
  }
  return absl::OkStatus();
}

absl::StatusOr<Certificate> Certificate::FromDer(std::string_view der) {
  if (der.size() > kMaxDerBytes) {
    return Reject(Reason::kCertProfile, "certificate of {} bytes, at most {} are allowed",
                  der.size(), kMaxDerBytes);
  }
  const ErrorMark mark;
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (x509 == nullptr) return Malformed("not a DER certificate");
  if (at != begin + der.size()) return Malformed("bytes after its end");

  auto rep = std::make_shared<Rep>();
  rep->der = std::string(der);
  rep->fingerprint = Sha256(der);
  rep->x509 = std::move(x509);
  OMNI_RETURN_IF_ERROR(rep->ReadBasics());
  OMNI_RETURN_IF_ERROR(rep->ReadAlternativeNames());
  OMNI_RETURN_IF_ERROR(rep->ReadUsage());
  OMNI_RETURN_IF_ERROR(rep->ReadKeyIds());
  return Certificate(std::move(rep));
}

Certificate Certificate::Compact() const {
  if (rep_->x509 == nullptr) return *this;
  return Certificate(std::make_shared<const Rep>(
      Rep{.x509 = nullptr,
          .der = rep_->der,
          .fingerprint = rep_->fingerprint,
          .serial_hex = rep_->serial_hex,
          .not_before = rep_->not_before,
          .not_after = rep_->not_after,
          .subject = rep_->subject,
          .issuer = rep_->issuer,
          .subject_der = rep_->subject_der,
          .uri_sans = rep_->uri_sans,
          .dns_sans = rep_->dns_sans,
          .other_san_count = rep_->other_san_count,
          .is_ca = rep_->is_ca,
          .key_usage = rep_->key_usage,
          .ext_key_usage = rep_->ext_key_usage,
          .subject_key_id = rep_->subject_key_id,
          .authority_key_id = rep_->authority_key_id,
          .unknown_critical_extension = rep_->unknown_critical_extension,
          .public_key = rep_->public_key}));
}

X509Ptr CertificateAccess::X509Of(const Certificate& certificate) {
  if (X509* const decoded = certificate.rep_->x509.get(); decoded != nullptr) {
    X509_up_ref(decoded);
    return X509Ptr(decoded);
  }
  const std::string& der = certificate.rep_->der;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  OMNI_CHECK(x509 != nullptr);  // the same bytes were decoded before
  return x509;
}

const std::string& Certificate::der() const { return rep_->der; }
const Sha256Digest& Certificate::fingerprint() const { return rep_->fingerprint; }
const std::string& Certificate::serial_hex() const { return rep_->serial_hex; }
absl::Time Certificate::not_before() const { return rep_->not_before; }
absl::Time Certificate::not_after() const { return rep_->not_after; }
const std::string& Certificate::subject() const { return rep_->subject; }
const std::string& Certificate::issuer() const { return rep_->issuer; }
const std::string& Certificate::subject_der() const { return rep_->subject_der; }
const std::vector<std::string>& Certificate::uri_sans() const { return rep_->uri_sans; }
const std::vector<std::string>& Certificate::dns_sans() const { return rep_->dns_sans; }
std::size_t Certificate::other_san_count() const { return rep_->other_san_count; }
bool Certificate::is_ca() const { return rep_->is_ca; }
const std::optional<KeyUsage>& Certificate::key_usage() const { return rep_->key_usage; }
const std::optional<ExtendedKeyUsage>& Certificate::ext_key_usage() const {
  return rep_->ext_key_usage;
}
const std::string& Certificate::subject_key_id() const { return rep_->subject_key_id; }
const std::string& Certificate::authority_key_id() const { return rep_->authority_key_id; }
bool Certificate::unknown_critical_extension() const { return rep_->unknown_critical_extension; }
const absl::StatusOr<PublicKey>& Certificate::public_key() const { return rep_->public_key; }

}  // namespace omninode::crypto
