#include "common/crypto/der_reader.h"

namespace omninode::crypto {
namespace {

std::uint8_t ByteAt(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

struct Header {
  std::size_t size;     // of tag and length
  std::size_t content;  // that follow
};

// nullopt unless the length is definite, minimal and at most three bytes long (16 MiB).
std::optional<Header> ReadHeader(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  if ((ByteAt(text, 0) & 0x1fU) == 0x1fU) return std::nullopt;  // a tag of several bytes
  const std::uint8_t first = ByteAt(text, 1);
  if (first < 0x80) return Header{2, first};
  const std::size_t count = first & 0x7fU;
  if (count == 0 || count > 3 || text.size() < 2 + count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = (length << 8U) | ByteAt(text, 2 + i);
  if (length < 0x80 || ByteAt(text, 2) == 0) return std::nullopt;
  return Header{2 + count, length};
}

}  // namespace

std::optional<DerElement> DerReader::Fail() {
  failed_ = true;
  rest_ = {};
  return std::nullopt;
}

std::optional<DerElement> DerReader::Next() {
  if (rest_.empty()) return std::nullopt;
  const std::optional<Header> header = ReadHeader(rest_);
  if (!header.has_value() || rest_.size() - header->size < header->content) return Fail();
  const DerElement element{ByteAt(rest_, 0), rest_.substr(header->size, header->content),
                           rest_.substr(0, header->size + header->content)};
  rest_.remove_prefix(element.whole.size());
  return element;
}

std::optional<DerElement> DerReader::Expect(std::uint8_t tag) {
  const std::optional<DerElement> element = Next();
  if (!element.has_value() || element->tag != tag) return Fail();
  return element;
}

std::optional<DerElement> DerReader::TryTake(std::uint8_t tag) {
  if (rest_.empty() || ByteAt(rest_, 0) != tag) return std::nullopt;
  return Next();
}

std::optional<std::string_view> DerUnsigned(const DerElement& element) {
  const std::string_view content = element.content;
  if (element.tag != kDerInteger || content.empty()) return std::nullopt;
  if ((ByteAt(content, 0) & 0x80U) != 0) return std::nullopt;  // negative
  if (content.size() == 1 || ByteAt(content, 0) != 0) return content;
  if ((ByteAt(content, 1) & 0x80U) == 0) return std::nullopt;  // a zero byte without need
  return content.substr(1);
}

std::optional<std::string_view> DerBitStringBytes(const DerElement& element) {
  if (element.tag != kDerBitString || element.content.empty()) return std::nullopt;
  if (element.content[0] != 0) return std::nullopt;  // unused bits
  return element.content.substr(1);
}

}  // namespace omninode::crypto
