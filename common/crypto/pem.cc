#include "common/crypto/pem.h"

#include <optional>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/reason.h"
#include "common/base/status.h"
#include "common/crypto/wipe.h"

namespace omninode::crypto {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kCertificate = "CERTIFICATE";
constexpr std::size_t kLineLength = 64;

// Takes the next line, without its line break, from `text`.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return line;
}

// "-----BEGIN X-----" -> "X"
std::optional<std::string_view> LabelOf(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix) || !line.ends_with(kDashes)) return std::nullopt;
  if (line.size() < prefix.size() + kDashes.size()) return std::nullopt;
  return line.substr(prefix.size(), line.size() - prefix.size() - kDashes.size());
}

}  // namespace

absl::StatusOr<std::vector<PemBlock>> ParsePem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) {
    return Reject(Reason::kMsgMalformed, "PEM text of {} bytes, at most {} are allowed", pem.size(),
                  kMaxPemBytes);
  }
  std::vector<PemBlock> blocks;
  while (!pem.empty()) {
    const std::optional<std::string_view> label = LabelOf(TakeLine(pem), kBegin);
    if (!label.has_value()) continue;
    std::string base64;
    base64.reserve(pem.size());  // not moved while it grows: it may be a private key
    std::optional<std::string_view> end_label;
    while (!end_label.has_value()) {
      if (pem.empty()) return Reject(Reason::kMsgMalformed, "PEM block without its END line");
      const std::string_view line = TakeLine(pem);
      end_label = LabelOf(line, kEnd);
      if (!end_label.has_value()) base64.append(line);
    }
    std::optional<std::string> der = Base64Decode(base64);
    Wipe(base64);
    if (*end_label != *label || !der.has_value() || der->empty()) {
      return Reject(Reason::kMsgMalformed, "PEM block {} is malformed", blocks.size() + 1);
    }
    if (blocks.size() == kMaxPemCertificates) {
      return Reject(Reason::kMsgMalformed, "more than {} PEM blocks", kMaxPemCertificates);
    }
    blocks.push_back({std::string(*label), *std::move(der)});
  }
  return blocks;
}

std::string EncodePem(std::string_view label, std::string_view der) {
  std::string base64 = Base64Encode(der);
  std::string pem;
  pem.reserve(base64.size() + base64.size() / kLineLength + 2 * label.size() + 64);
  pem.append(fmt::format("{}{}{}\n", kBegin, label, kDashes));
  for (std::size_t at = 0; at < base64.size(); at += kLineLength) {
    pem.append(base64, at, kLineLength).push_back('\n');
  }
  Wipe(base64);
  pem.append(fmt::format("{}{}{}\n", kEnd, label, kDashes));
  return pem;
}

absl::StatusOr<std::vector<std::string>> CertificatesFromPem(std::string_view pem) {
  absl::StatusOr<std::vector<PemBlock>> blocks = ParsePem(pem);
  if (!blocks.ok()) return Reject(Reason::kCertProfile, "{}", Message(blocks.status()));
  std::vector<std::string> ders;
  for (PemBlock& block : *blocks) {
    if (block.label != kCertificate) {
      return Reject(Reason::kCertProfile, "PEM block \"{}\" where certificates are expected",
                    EscapeForDisplay(block.label, 32));
    }
    ders.push_back(std::move(block.der));
  }
  if (ders.empty()) return Reject(Reason::kCertProfile, "no PEM certificate");
  return ders;
}

std::string CertificatesToPem(std::span<const std::string> ders) {
  std::string pem;
  for (const std::string& der : ders) pem.append(EncodePem(kCertificate, der));
  return pem;
}

}  // namespace omninode::crypto
