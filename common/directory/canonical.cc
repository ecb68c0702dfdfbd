#include "common/directory/canonical.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace omninode::directory {
namespace {

constexpr std::string_view kFormat = "omninode-node-v1";

class Writer {
 public:
  template <typename Unsigned>
  void Integer(Unsigned value) {
    for (int shift = 8 * (static_cast<int>(sizeof(value)) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>((value >> shift) & 0xff));
    }
  }

  void Text(std::string_view text) {
    Integer(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }

  template <typename Item, typename GetValue>
  void List(const std::vector<Item>& items, GetValue get_value) {
    Integer(static_cast<std::uint32_t>(items.size()));
    for (const Item& item : items) {
      Text(item.name().value());
      Text((item.*get_value)());
    }
  }

  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace

std::string CanonicalForm(const NodeView& node) {
  const Introspection& said = node.introspection;
  Writer writer;
  writer.Text(kFormat);
  writer.Text(node.ns().value());
  writer.Text(node.node_id().value());
  writer.Text(node.node_type().value());
  writer.Text(said.version());
  writer.List(said.endpoints(), &Endpoint::url);
  writer.List(said.capabilities(), &Capability::value);
  writer.List(said.labels(), &Label::value);
  writer.Text(said.epoch());
  writer.Text(NameOf(said.health()));
  writer.Integer(node.version);
  return writer.Take();
}

crypto::Sha256Digest CanonicalDigest(const NodeView& node) {
  return crypto::Sha256(CanonicalForm(node));
}

}  // namespace omninode::directory
